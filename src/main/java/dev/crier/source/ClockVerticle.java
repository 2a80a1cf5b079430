package dev.crier.source;

import dev.crier.bus.Bus;
import dev.crier.config.file.Section;
import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.PublishException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The source that publishes the time, by default every second. */
public final class ClockVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(ClockVerticle.class);

    private ChannelName channel;
    private ClockConf conf;
    private Bus bus;
    private Ticker ticker;
    private boolean failureLogged;
    private Future<String> lastPublish = Future.succeededFuture();

    /** Validates the clock's section of the configuration. */
    public static void check(Section section) {
        ClockConf.read(section);
    }

    /**
     * Completes when the first time has been published, so that no subscriber finds the channel empty. Also completes if the
     * log cannot store at present; a later tick is then the first.
     */
    @Override
    public Future<?> start() {
        JsonObject config = config().copy();
        channel = new ChannelName((String) config.remove("channel"));
        conf = Section.read(config, ClockConf::read);
        bus = new Bus(vertx);
        ticker = new Ticker(InstantSource.system(), timer(), conf.periodMillis(), this::publish);
        ticker.start();
        return lastPublish.recover(
                failure -> isUnavailable(failure) ? Future.succeededFuture() : Future.failedFuture(failure));
    }

    @Override
    public Future<?> stop() {
        ticker.stop();
        return Future.succeededFuture();
    }

    private void publish(Instant time) {
        lastPublish = bus.publish(channel, Event.of(conf.format().format(time)))
                .onSuccess(id -> failureLogged = false)
                .onFailure(this::logFailure);
    }

    /**
     * Logs a failure once until the time can be published again, because the clock ticks every second. Does not log that the
     * event log cannot store, because the event log does.
     */
    private void logFailure(Throwable failure) {
        if (!failureLogged && !isUnavailable(failure)) {
            failureLogged = true;
            LOG.error("{}: the time is not published: {}", channel, failure.getMessage());
        }
    }

    private static boolean isUnavailable(Throwable failure) {
        return failure instanceof ReplyException reply
                && reply.failureCode() == PublishException.Reason.UNAVAILABLE.code();
    }

    private Ticker.PeriodicTimer timer() {
        return new Ticker.PeriodicTimer() {
            @Override
            public long set(long delayMillis, long periodMillis, Runnable tick) {
                return vertx.setPeriodic(delayMillis, periodMillis, id -> tick.run());
            }

            @Override
            public void cancel(long id) {
                vertx.cancelTimer(id);
            }
        };
    }
}
