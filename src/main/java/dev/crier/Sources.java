package dev.crier;

import dev.crier.config.Channels;
import dev.crier.config.ConfException;
import dev.crier.config.SourceConf;
import dev.crier.event.ChannelName;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;

/** Starts what publishes by itself. */
final class Sources {

    private Sources() {}

    /** They stop with the verticle in whose context this is called. */
    static Future<?> start(Vertx vertx, Channels channels) {
        var starts = new ArrayList<Future<?>>();
        channels.declared()
                .forEach((channel, declared) ->
                        declared.sources().forEach(source -> starts.add(start(vertx, channel.name(), source))));
        return Future.join(starts).recover(first -> Future.failedFuture(all(starts, first)));
    }

    /** By its name, so that Vert.x finds it whatever it is written in, and with its own conf. */
    private static Future<?> start(Vertx vertx, ChannelName channel, SourceConf source) {
        var options = new DeploymentOptions().setConfig(source.configFor(channel));
        return vertx.deployVerticle(source.verticle(), options)
                .recover(failure -> Future.failedFuture(source.failed(channel, failure)));
    }

    /** All that the user can mend is told at once; what is the source's own failure, alone. */
    private static Throwable all(List<Future<?>> starts, Throwable first) {
        List<String> problems = starts.stream()
                .filter(start -> start.cause() instanceof ConfException)
                .map(start -> start.cause().getMessage())
                .toList();
        return problems.isEmpty() ? first : new ConfException(problems);
    }
}
