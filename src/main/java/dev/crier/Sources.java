package dev.crier;

import dev.crier.config.Channels;
import dev.crier.config.SourceConf;
import dev.crier.config.file.ConfException;
import dev.crier.event.ChannelName;
import dev.crier.event.PublishException;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deploys and undeploys the declared sources. */
final class Sources {

    /** Delay before another attempt to start a source, after the log could not store. */
    private static final long RETRY_MILLIS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(Sources.class);

    private final Vertx vertx;
    private final boolean shared;
    private final String publishTo;
    private final List<String> deployed = new ArrayList<>();
    private boolean stopped;

    /**
     * @param shared whether several nodes share the log
     * @param publishTo the address of the event bus to which the sources publish
     */
    Sources(Vertx vertx, boolean shared, String publishTo) {
        this.vertx = vertx;
        this.shared = shared;
        this.publishTo = publishTo;
    }

    Future<?> start(Channels channels) {
        var starts = new ArrayList<Future<?>>();
        channels.declared()
                .forEach((channel, declared) ->
                        declared.sources().forEach(source -> starts.add(start(channel.name(), source))));
        return Future.join(starts).recover(first -> Future.failedFuture(combined(starts, first)));
    }

    /**
     * Deploys the source by its name, because it may be written in any language of Vert.x. If its start fails because the log
     * cannot store at present, or because the event bus times out, the source is started again later.
     */
    private Future<?> start(ChannelName channel, SourceConf source) {
        var options = new DeploymentOptions().setConfig(source.configFor(channel, shared, publishTo));
        return vertx.deployVerticle(source.verticle(), options)
                .onSuccess(deployed::add)
                .recover(failure -> {
                    if (isUnavailable(failure)) {
                        vertx.setTimer(RETRY_MILLIS, id -> restart(channel, source));
                        return Future.succeededFuture();
                    }
                    return Future.failedFuture(source.startFailure(channel, failure));
                });
    }

    private void restart(ChannelName channel, SourceConf source) {
        if (!stopped) {
            start(channel, source)
                    .onFailure(failure -> LOG.error("{}: the source cannot start: {}", channel, failure.getMessage()));
        }
    }

    private static boolean isUnavailable(Throwable failure) {
        return failure instanceof ReplyException reply
                && (reply.failureCode() == PublishException.Reason.UNAVAILABLE.code()
                        || reply.failureType() == ReplyFailure.TIMEOUT);
    }

    /** Undeploys all sources after a failed start, before the log closes. At a normal stop, Vert.x has already undeployed them. */
    Future<?> stop() {
        stopped = true;
        return Future.join(deployed.stream().map(vertx::undeploy).toList());
    }

    /** Returns the configuration mistakes of all sources together, or else the first failure. */
    private static Throwable combined(List<Future<?>> starts, Throwable first) {
        List<String> problems = starts.stream()
                .filter(start -> start.cause() instanceof ConfException)
                .map(start -> start.cause().getMessage())
                .toList();
        return problems.isEmpty() ? first : new ConfException(problems);
    }
}
