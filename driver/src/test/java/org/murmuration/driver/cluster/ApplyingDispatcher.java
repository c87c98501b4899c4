package org.murmuration.driver.cluster;

import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.RecordedRequest;

/**
 * An API server that knows server-side apply of what isn't there yet, which fabric8's lacks: such a
 * patch creates the resource.
 */
final class ApplyingDispatcher extends KubernetesCrudDispatcher {
  private final HttpClient http = HttpClient.newHttpClient();

  @Override
  public MockResponse dispatch(RecordedRequest request) {
    var type = String.valueOf(request.getHeader("Content-Type"));
    if (!request.getMethod().equals("PATCH") || !type.contains("apply-patch")) {
      return super.dispatch(request);
    }
    var body = request.getBody().clone();
    var response = super.dispatch(request);
    return response.getStatus().contains(" " + HttpURLConnection.HTTP_NOT_FOUND + " ")
        ? created(request, body.readUtf8())
        : response;
  }

  private MockResponse created(RecordedRequest request, String body) {
    var path = request.getRequestUrl().encodedPath();
    var collection = path.substring(0, path.lastIndexOf('/'));
    var uri = URI.create("http://127.0.0.1:" + request.getRequestUrl().port() + collection);
    try {
      var answer =
          http.send(
              HttpRequest.newBuilder(uri)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return new MockResponse().setResponseCode(answer.statusCode()).setBody(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
