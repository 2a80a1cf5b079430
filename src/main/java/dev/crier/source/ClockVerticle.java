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

    private final InstantSource clock;
    private ChannelName channel;
    private boolean shared;
    private ClockConf conf;
    private Bus bus;
    private Ticker ticker;
    private boolean failureLogged;
    private boolean differenceLogged;
    private Future<String> lastPublish = Future.succeededFuture();

    public ClockVerticle() {
        this(InstantSource.system());
    }

    ClockVerticle(InstantSource clock) {
        this.clock = clock;
    }

    /** Validates the clock's section of the configuration. */
    public static void check(Section section) {
        ClockConf.read(section);
    }

    /**
     * Completes when the first time has been published, so that no subscriber finds the channel empty. Also completes if
     * another node has published that time as another text, or if the log cannot store at present. A later tick is then the
     * first that this clock publishes.
     */
    @Override
    public Future<?> start() {
        JsonObject config = config().copy();
        channel = new ChannelName((String) config.remove("channel"));
        shared = (Boolean) config.remove("shared");
        bus = new Bus(vertx, (String) config.remove("publishTo"));
        conf = Section.read(config, ClockConf::read);
        ticker = new Ticker(clock, timer(), conf.periodMillis(), this::publish);
        ticker.start();
        return lastPublish.recover(failure -> isUnavailable(failure) || isDifference(failure)
                ? Future.succeededFuture()
                : Future.failedFuture(failure));
    }

    @Override
    public Future<?> stop() {
        ticker.stop();
        return Future.succeededFuture();
    }

    /**
     * Publishes a time. If several nodes share the log, each runs this clock. All use the time as the key, so each time is
     * stored once, by the node that is first. Without a shared log there is no key, so a time is published again after the
     * machine's clock is set back.
     */
    private void publish(Instant time) {
        Event event = Event.of(conf.format().format(time));
        lastPublish = (shared ? bus.publish(channel, event, time.toString()) : bus.publish(channel, event))
                .onSuccess(id -> failureLogged = false)
                .onFailure(this::logFailure);
    }

    /**
     * Logs a failure once until the time can be published again, because the clock ticks every second. Does not log that the
     * event log cannot store, because the event log does. Logs only once that another node publishes other texts, because
     * successes in between do not mean that the texts agree.
     */
    private void logFailure(Throwable failure) {
        if (isDifference(failure)) {
            if (!differenceLogged) {
                differenceLogged = true;
                LOG.error(
                        "{}: another node publishes the same time as another text (expected: the same source.config and"
                                + " time zone on all nodes)",
                        channel);
            }
        } else if (!failureLogged && !isUnavailable(failure)) {
            failureLogged = true;
            LOG.error("{}: the time is not published: {}", channel, failure.getMessage());
        }
    }

    private static boolean isUnavailable(Throwable failure) {
        return has(failure, PublishException.Reason.UNAVAILABLE);
    }

    private static boolean isDifference(Throwable failure) {
        return has(failure, PublishException.Reason.KEY_REUSED);
    }

    private static boolean has(Throwable failure, PublishException.Reason reason) {
        return failure instanceof ReplyException reply && reply.failureCode() == reason.code();
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
