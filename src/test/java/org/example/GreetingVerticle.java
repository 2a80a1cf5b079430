package org.example;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;

/** A source that uses only Vert.x and an event bus address, and none of Crier's classes. */
public class GreetingVerticle extends VerticleBase {

    @Override
    public Future<?> start() {
        var event = new JsonObject()
                .put("channel", config().getString("channel"))
                .put("data", config().getString("greeting"));
        return vertx.eventBus().request("crier.publish", event);
    }
}
