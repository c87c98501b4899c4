package org.murmuration.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CidrTest {

  @Property(tries = 300)
  void shouldContainAnAddressIfItsBitsBeginWithThePrefix(
      @ForAll("addresses") byte[] bytes,
      @ForAll @IntRange(max = 127) int flippedBit,
      @ForAll @IntRange(max = 128) int longestPrefix)
      throws UnknownHostException {
    var length = bytes.length * 8;
    var others = flip(bytes, flippedBit % length);
    var prefixLength = Math.min(longestPrefix, length);
    var prefix = bits(bytes).substring(0, prefixLength);
    var address = InetAddress.getByAddress(bytes);

    var cidr = Cidr.parse(address.getHostAddress() + "/" + prefixLength).orElseThrow();

    assertThat(cidr.contains(address)).isTrue();
    assertThat(cidr.contains(InetAddress.getByAddress(others)))
        .isEqualTo(bits(others).startsWith(prefix));
  }

  @ParameterizedTest
  @CsvSource({
    // All-zero bits of one family are no prefix of the other's.
    "0.0.0.0/0, ::1",
    "::/0, 10.1.0.5",
    "10.1.0.0/16, 10.2.0.0",
    "10.1.0.5, 10.1.0.4",
  })
  void shouldNotContainAnAddressOfAnotherNetworkOrFamily(String cidr, InetAddress other) {
    assertThat(Cidr.parse(cidr).orElseThrow().contains(other)).isFalse();
  }

  @Provide
  Arbitrary<byte[]> addresses() {
    return Arbitraries.of(4, 16)
        .flatMap(length -> Arbitraries.bytes().array(byte[].class).ofSize(length))
        // Java makes an IPv4 address of an IPv4-mapped IPv6 one, which begins with a 0.
        .filter(bytes -> bytes.length == 4 || bytes[0] != 0);
  }

  private static byte[] flip(byte[] bytes, int bit) {
    var flipped = bytes.clone();
    flipped[bit / 8] ^= (byte) (0x80 >>> (bit % 8));
    return flipped;
  }

  private static String bits(byte[] bytes) {
    return IntStream.range(0, bytes.length)
        .mapToObj(i -> Integer.toBinaryString(0x100 | (bytes[i] & 0xff)).substring(1))
        .collect(Collectors.joining());
  }
}
