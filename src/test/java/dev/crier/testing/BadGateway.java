package dev.crier.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.BindException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A server that responds with status 502, as a proxy does by default while its server restarts. */
public final class BadGateway {

    private BadGateway() {}

    /**
     * Listens on this port until this number of requests has been received. A connection of another test may have the port for
     * a moment, because the system gives free ports to connections too.
     */
    public static void respond(int port, int requests) throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            var remaining = new CountDownLatch(requests);
            Eventually.until(
                    "the port is free",
                    () -> RunningCrier.await(vertx.createHttpServer()
                            .requestHandler(request -> {
                                request.response().setStatusCode(502).end();
                                remaining.countDown();
                            })
                            .listen(port)
                            .map(true)
                            .recover(failure -> failure instanceof BindException
                                    ? Future.succeededFuture(false)
                                    : Future.failedFuture(failure))));
            assertTrue(remaining.await(60, TimeUnit.SECONDS), "requests are received");
        } finally {
            RunningCrier.await(vertx.close());
        }
    }
}
