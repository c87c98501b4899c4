package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkAddressTest {
  private static final List<LocalInterface> MACHINE =
      List.of(
          nic("lo", true, "127.0.0.1", "::1"),
          nic("eth0", true, "fe80::1", "fd00::2", "192.168.7.2", "192.168.7.3"),
          nic("eth1", true, "10.1.0.5"),
          nic("eth1:0", true, "10.1.0.6"),
          nic("ib0", true, "fe80::9", "fd00:1::2"),
          nic("eth2", false, "10.9.0.1"),
          nic("ifb0", true));

  private static final Map<String, List<String>> NAMES =
      Map.of(
          "localhost", List.of("127.0.0.1"),
          "node-1", List.of("10.1.0.5"),
          "debian", List.of("127.0.1.1"),
          "both", List.of("127.0.1.1", "192.168.7.2"),
          "behind-nat", List.of("203.0.113.9"),
          "trainer.localhost", List.of("127.0.0.1"),
          "127.0.0.1", List.of("127.0.0.1"),
          "[::1]", List.of("::1"),
          "192.168.7.3", List.of("192.168.7.3"));

  @ParameterizedTest
  @CsvSource({
    "eth1, 10.1.0.5",
    "eth1:0, 10.1.0.6",
    "lo, 127.0.0.1",
    // IPv4 before IPv6, and then the first.
    "eth0, 192.168.7.2",
    // No IPv4: what reaches beyond the link.
    "ib0, fd00:1::2",
    "10.1.0.0/16, 10.1.0.5",
    "10.1.0.6/32, 10.1.0.6",
    // Bits behind the prefix don't matter.
    "192.168.7.77/24, 192.168.7.2",
    "fd00:1::/32, fd00:1::2",
    "fe80::/10, fe80::1",
    "127.0.0.0/8, 127.0.0.1",
    // On two interfaces, the first one's.
    "fd00::/16, fd00::2",
    // The loopback address is the first of all, and no use to peers.
    "0.0.0.0/0, 192.168.7.2",
    "::/0, fd00::2",
    "192.168.7.3, 192.168.7.3",
    "fd00:0:0:0::2, fd00::2",
  })
  void shouldTakeTheAddressThatMatches(String setting, String expected) {
    assertThat(find(setting, "node-1")).isEqualTo(address(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"eth7", "eth2", "ifb0", "10.9.0.0/16", "172.16.0.0/12", "fd01::/64", "10.1.0.7"})
  void shouldListTheInterfacesWhenNoneMatches(String setting) {
    assertThatThrownBy(() -> find(setting, "node-1"))
        .isInstanceOf(TransportException.class)
        .hasMessageContainingAll(
            "node-1",
            "averaging.interface = " + setting,
            "lo (127.0.0.1, 0:0:0:0:0:0:0:1)",
            "192.168.7.2, 192.168.7.3",
            "eth2 (10.9.0.1) down",
            "ifb0 (no address)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.1.0.0/33",
        "10.1.0.0/-1",
        "10.1.0.0/016",
        "10.1.0.0/",
        "10.1.0/16",
        "10.1.0.0/16/8",
        "10.01.0.0/16",
        "256.1.0.0/8",
        "eth0/16",
        "fd00::/129",
        "fd00:::/64",
        "fd00::1::2",
        "fe80::1%eth0",
        "10.1.0",
        "10.1.0.256",
        "10.1.0.5:40100",
        "eth0 eth1",
        " ",
      })
  void shouldRefuseWhatIsNeitherNameNorAddressNorCidr(String setting) {
    assertThat(NetworkAddress.isWellFormed(setting)).isFalse();
    assertThatThrownBy(() -> find(setting, "node-1"))
        .isInstanceOf(TransportException.class)
        .hasMessageContainingAll("averaging.interface = " + setting, NetworkAddress.RULE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "eth7",
        "enp0s31f6",
        "eth0.100",
        "eth1:0",
        "br-3f2a",
        "10.9.0.0/16",
        "fd01::/64",
        "::1",
        "0.0.0.0/0"
      })
  void shouldCheckTheSyntaxWithoutRegardToTheMachine(String setting) {
    assertThat(NetworkAddress.isWellFormed(setting)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "node-1, 10.1.0.5",
    "192.168.7.3, 192.168.7.3",
    "localhost, 127.0.0.1",
    "trainer.localhost, 127.0.0.1",
    "127.0.0.1, 127.0.0.1",
    "[::1], ::1",
    "both, 192.168.7.2",
  })
  void shouldTakeTheAddressOfTheHostName(String host, String expected) {
    assertThat(find("", host)).isEqualTo(address(expected));
  }

  @Test
  void shouldRefuseAHostNameThatIsMistakenlyLoopback() {
    assertThatThrownBy(() -> find("", "debian"))
        .isInstanceOf(TransportException.class)
        .hasMessageContainingAll(
            "'debian'", "127.0.1.1", "/etc/hosts", "averaging.interface", "eth1 (10.1.0.5)");
    assertThat(find("eth1", "debian")).isEqualTo(address("10.1.0.5"));
  }

  @Test
  void shouldRefuseAHostNameOfAnAddressThatTheMachineDoesNotHave() {
    assertThatThrownBy(() -> find("", "behind-nat"))
        .isInstanceOf(TransportException.class)
        .hasMessageContainingAll("'behind-nat'", "203.0.113.9", "averaging.interface", "eth1");
  }

  @Test
  void shouldRefuseAHostNameThatDoesNotResolve() {
    assertThatThrownBy(() -> find("", "nowhere"))
        .isInstanceOf(TransportException.class)
        .hasMessageContainingAll("'nowhere'", "averaging.interface", "eth1 (10.1.0.5)");
  }

  /** A pod, or a machine that no name server knows: there is nothing to choose. */
  @ParameterizedTest
  @ValueSource(strings = {"nowhere", "debian", "behind-nat"})
  void shouldTakeTheOnlyAddressWhenTheHostNameIsOfNoUse(String host) {
    var pod =
        List.of(
            nic("lo", true, "127.0.0.1", "::1"),
            nic("eth0", true, "fe80::1", "10.1.0.5"),
            nic("eth1", false, "10.9.0.1"));

    assertThat(new NetworkAddress(pod, NetworkAddressTest::resolve).find("", host))
        .isEqualTo(address("10.1.0.5"));
  }

  @Test
  void shouldFindTheInterfacesOfThisMachine() throws SocketException {
    var loopback = InetAddress.getLoopbackAddress();
    var name = NetworkInterface.getByInetAddress(loopback).getName();

    assertThat(NetworkAddress.of(loopback.getHostAddress(), "any")).isEqualTo(loopback);
    assertThat(NetworkAddress.of(name, "any").isLoopbackAddress()).isTrue();
    assertThat(NetworkAddress.of("", "localhost").isLoopbackAddress()).isTrue();
  }

  @Test
  void shouldGiveAScopeToLinkLocalAddressesOnly() {
    var addresses = LocalInterface.all().stream().flatMap(nic -> nic.addresses().stream()).toList();

    assertThat(addresses)
        .isNotEmpty()
        .allSatisfy(
            address ->
                assertThat(address.getHostAddress().contains("%"))
                    .isEqualTo(address instanceof Inet6Address && address.isLinkLocalAddress()));
  }

  private static InetAddress find(String setting, String host) {
    return new NetworkAddress(MACHINE, NetworkAddressTest::resolve).find(setting, host);
  }

  private static InetAddress[] resolve(String host) throws UnknownHostException {
    if (!NAMES.containsKey(host)) {
      throw new UnknownHostException(host);
    }
    return NAMES.get(host).stream().map(NetworkAddressTest::address).toArray(InetAddress[]::new);
  }

  private static LocalInterface nic(String name, boolean up, String... addresses) {
    return new LocalInterface(
        name, up, Stream.of(addresses).map(NetworkAddressTest::address).toList());
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(literal, e);
    }
  }
}
