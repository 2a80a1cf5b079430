package dev.crier;

import dev.crier.bus.Bus;
import dev.crier.channel.Subscribers;
import dev.crier.config.Conf;
import dev.crier.config.ConfException;
import dev.crier.config.SourceConf;
import dev.crier.event.ChannelName;
import dev.crier.http.HttpVerticle;
import dev.crier.log.EventLog;
import dev.crier.source.ClockVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.MessageConsumer;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts Crier together from its conf: the log, the sources, and a door for each event loop. */
public final class MainVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(MainVerticle.class);

    private final int eventLoops;
    private final List<HttpVerticle> doors = new ArrayList<>();
    private MessageConsumer<Object> publications;

    /** For a Vert.x with as many event loops as it has by itself. */
    public MainVerticle() {
        this(VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE);
    }

    public MainVerticle(int eventLoops) {
        this.eventLoops = eventLoops;
    }

    @Override
    public Future<?> start() {
        var conf = Conf.read(config(), Map.of(ClockVerticle.class.getName(), ClockVerticle::check));
        var log = new EventLog(conf.channels().keySet(), InstantSource.system());
        var bus = new Bus(vertx);
        publications = bus.onPublish(log::append);
        return publications
                .completion()
                .compose(listening -> startSources(conf))
                .compose(started -> openDoors(conf, bus, log))
                .onSuccess(opened -> LOG.info("Crier is ready: {}", url(conf.host(), port())));
    }

    /** The sources and the doors are gone by then: Vert.x stops what a verticle has deployed before itself. */
    @Override
    public Future<?> stop() {
        return publications.unregister();
    }

    /** The port it listens on, once it is deployed. */
    public int port() {
        return doors.get(0).port();
    }

    /** How many readers there are now, on all event loops. */
    public int subscribers() {
        return doors.stream().mapToInt(HttpVerticle::subscribers).sum();
    }

    private Future<?> startSources(Conf conf) {
        var starts = new ArrayList<Future<?>>();
        conf.channels()
                .forEach((channel, declared) ->
                        declared.sources().forEach(source -> starts.add(startSource(channel, source))));
        return Future.join(starts);
    }

    /** By its name, so that Vert.x finds it whatever it is written in, and with its own conf. */
    private Future<?> startSource(ChannelName channel, SourceConf source) {
        var options = new DeploymentOptions().setConfig(source.configFor(channel));
        return vertx.deployVerticle(source.verticle(), options)
                .recover(failure -> Future.failedFuture(source.failed(channel, failure)));
    }

    private Future<?> openDoors(Conf conf, Bus bus, EventLog log) {
        var options = new DeploymentOptions().setInstances(eventLoops);
        return vertx.deployVerticle(
                        () -> {
                            var door = new HttpVerticle(conf, bus, new Subscribers(log));
                            doors.add(door);
                            return door;
                        },
                        options)
                .recover(failure -> Future.failedFuture(closed(conf, failure)));
    }

    /** Where the address cannot be listened on, that is the user's matter and told as such. */
    private static Throwable closed(Conf conf, Throwable failure) {
        if (failure instanceof UnknownHostException) {
            return new ConfException("host: " + conf.host() + ": " + failure.getMessage()
                    + " (expected: a host name that can be resolved)");
        }
        return failure instanceof IOException
                ? new ConfException("port: %d on %s: %s (expected: an address and a port that are free)"
                        .formatted(conf.port(), conf.host(), failure.getMessage()))
                : failure;
    }

    private static String url(String host, int port) {
        boolean everywhere = host.equals("0.0.0.0") || host.equals("::");
        String name = everywhere ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
        return "http://" + name + ":" + port + "/";
    }
}
