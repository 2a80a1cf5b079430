package dev.crier.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import org.junit.jupiter.api.Test;

class BaseContextTest {

    /** Answers each request with what its context is. */
    private static final class Application extends VerticleBase {

        private HttpServer server;

        @Override
        public Future<?> start() {
            server = vertx.createHttpServer()
                    .requestHandler(request -> request.response()
                            .end("current: " + (Vertx.currentContext() == context) + ", base: "
                                    + (BaseContext.current(vertx) == context)));
            return server.listen(0, "127.0.0.1");
        }
    }

    @Test
    void theBaseOfTheContextOfARequestIsThatOfItsVerticle() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            var application = new Application();
            RunningCrier.await(vertx.deployVerticle(application));
            try (var client = RawClient.request(application.server.actualPort(), "GET /", "Connection: close")) {
                String answer = client.rest();
                assertEquals("current: false, base: true", answer.substring(answer.lastIndexOf('\n') + 1));
            }
        } finally {
            RunningCrier.await(vertx.close());
        }
    }
}
