package org.example;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;

/** A source of somebody else's: it knows Vert.x and one address, and nothing of Crier. */
public class GreetingVerticle extends VerticleBase {

    @Override
    public Future<?> start() {
        var event = new JsonObject()
                .put("channel", config().getString("channel"))
                .put("data", config().getString("greeting"));
        return vertx.eventBus().request("crier.publish", event);
    }
}
