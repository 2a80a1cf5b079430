package dev.crier.bench.peer;

import dev.crier.Crier;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.concurrent.TimeUnit;

/** A Vert.x application with a Crier inside, on one event loop. Its arguments are the port and Crier's configuration. */
public final class EmbeddedApplication {

    private EmbeddedApplication() {}

    public static void main(String[] args) throws Exception {
        Vertx vertx =
                Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
        Crier crier = Crier.create(vertx, new JsonObject(args[1]));
        Router router = Router.router(vertx);
        router.route(EmbeddedPeer.MOUNT + "/*").subRouter(crier.router(vertx));
        crier.start()
                .compose(started ->
                        vertx.createHttpServer().requestHandler(router).listen(Integer.parseInt(args[0]), "127.0.0.1"))
                .await(30, TimeUnit.SECONDS);
    }
}
