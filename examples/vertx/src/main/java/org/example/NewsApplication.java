package org.example;

import dev.crier.Crier;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.Objects;

/** Publishes the body of each {@code POST /news} to all subscribers of {@code GET /live/news}. */
public final class NewsApplication extends VerticleBase {

    private static final JsonObject CONF =
            new JsonObject("{\"channels\": {\"/news\": {\"keep\": {\"events\": 1000}}}}");

    @Override
    public Future<?> start() {
        Crier crier = Crier.create(vertx, CONF);
        Router router = Router.router(vertx);
        router.route("/live/*").subRouter(crier.router(vertx));
        router.post("/news").handler(BodyHandler.create()).handler(ctx -> {
            String news = Objects.requireNonNullElse(ctx.body().asString(), ""); // null without a body
            crier.publish("/news", news).onSuccess(ctx::json).onFailure(ctx::fail);
        });
        return crier.start()
                .compose(started ->
                        vertx.createHttpServer().requestHandler(router).listen(port()))
                .onSuccess(server -> System.out.println("ready: http://localhost:" + server.actualPort() + "/"));
    }

    private static int port() {
        return Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
    }

    public static void main(String[] args) {
        Vertx vertx = Vertx.vertx();
        vertx.deployVerticle(new NewsApplication()).onFailure(failure -> {
            System.err.println(failure.getMessage());
            vertx.close();
        });
    }
}
