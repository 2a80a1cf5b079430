package org.example;

import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.spi.VerticleFactory;
import java.net.URL;
import java.util.concurrent.Callable;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;

/** Creates verticles from scripts on the class path whose names end with {@code .js}. Vert.x finds it as a service. */
public final class JavaScriptVerticleFactory implements VerticleFactory {

    @Override
    public String prefix() {
        return "js";
    }

    @Override
    public void createVerticle2(String name, ClassLoader loader, Promise<Callable<? extends Deployable>> promise) {
        URL script = loader.getResource(VerticleFactory.removePrefix(name));
        if (script == null) {
            promise.fail("no such script on the class path");
        } else {
            promise.complete(() -> new Script(script));
        }
    }

    private static final class Script extends VerticleBase {

        private final URL script;
        private Context context;

        Script(URL script) {
            this.script = script;
        }

        /** Loads the language on another thread, because that takes a second. The script runs on the event loop. */
        @Override
        public Future<?> start() {
            return vertx.executeBlocking(this::parse).andThen(parsed -> {
                if (parsed.succeeded()) {
                    parsed.result().executeVoid();
                }
            });
        }

        private Value parse() throws Exception {
            context = Context.newBuilder("js")
                    .allowAllAccess(true)
                    .option("engine.WarnInterpreterOnly", "false")
                    .build();
            Value global = context.getBindings("js");
            global.putMember("vertx", vertx);
            global.putMember("config", config());
            return context.parse(Source.newBuilder("js", script).build());
        }

        @Override
        public Future<?> stop() {
            context.close();
            return Future.succeededFuture();
        }
    }
}
