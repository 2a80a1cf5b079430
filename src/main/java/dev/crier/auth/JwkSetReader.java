package dev.crier.auth;

import dev.crier.config.JwtConf;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.TimeUnit;

/** Reads the JWK set from its file or URL. */
final class JwkSetReader {

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int MAX_BYTES = 1 << 20;

    private final Vertx vertx;
    private final JwtConf conf;
    private final HttpClient client;

    JwkSetReader(Vertx vertx, JwtConf conf) {
        this.vertx = vertx;
        this.conf = conf;
        client = vertx.createHttpClient(new HttpClientOptions().setConnectTimeout(TIMEOUT_MILLIS));
    }

    Future<Buffer> read() {
        return conf.isJwksRemote() ? fetch() : vertx.fileSystem().readFile(conf.jwks());
    }

    /** Fetches the set without following redirects, because another server could then choose the keys. */
    private Future<Buffer> fetch() {
        var options = new RequestOptions().setAbsoluteURI(conf.jwks()).setTimeout(TIMEOUT_MILLIS);
        return client.request(options).compose(JwkSetReader::fetch);
    }

    private static Future<Buffer> fetch(HttpClientRequest request) {
        return request.send()
                .compose(JwkSetReader::body)
                .timeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                .onFailure(failure -> request.reset());
    }

    private static Future<Buffer> body(HttpClientResponse response) {
        Promise<Buffer> complete = Promise.promise();
        Buffer body = Buffer.buffer();
        response.exceptionHandler(complete::tryFail);
        response.endHandler(end -> complete.tryComplete(body));
        response.handler(part -> {
            if (body.appendBuffer(part).length() > MAX_BYTES) {
                complete.tryFail("more than " + MAX_BYTES + " bytes");
            }
        });
        if (response.statusCode() != 200) {
            complete.tryFail("status " + response.statusCode());
        }
        return complete.future();
    }

    Future<?> close() {
        return client.close();
    }
}
