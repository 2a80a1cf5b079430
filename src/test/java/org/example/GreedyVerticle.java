package org.example;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.ArrayList;
import java.util.List;

/** A source that fills the heap and can hide the error. */
public final class GreedyVerticle extends VerticleBase {

    private final List<byte[]> kept = new ArrayList<>();

    @Override
    public Future<?> start() {
        vertx.setPeriodic(config().getInteger("periodMillis"), id -> {
            try {
                kept.add(new byte[config().getInteger("bytes")]);
            } catch (OutOfMemoryError e) {
                if (!config().getBoolean("hides")) {
                    throw e;
                }
            }
        });
        return Future.succeededFuture();
    }
}
