package dev.crier;

import dev.crier.event.EventId;
import dev.crier.event.Publication;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.List;

/** A plain Vert.x application that serves a Crier at the root of its listener, as the server does. */
public final class EmbeddedServer extends VerticleBase {

    private Crier crier;
    private HttpServer server;

    @Override
    public Future<?> start() {
        JsonObject conf = config().copy();
        List.of("host", "port", "http", "console").forEach(conf::remove); // the listener of the server
        conf.put("eventBus", new JsonObject().put("address", "crier.publish"));
        crier = Crier.create(vertx, conf);
        Router router = Router.router(vertx);
        router.route("/*").subRouter(crier.router(vertx));
        server = vertx.createHttpServer().requestHandler(router);
        return crier.start().compose(started -> server.listen(0, "127.0.0.1"));
    }

    public int port() {
        return server.actualPort();
    }

    public int managementPort() {
        return crier.managementPort();
    }

    public int subscribers() {
        return crier.subscribers();
    }

    /** Publishes the events at once. */
    public Future<List<EventId>> append(Publication publication) {
        return crier.log().append(publication);
    }
}
