package dev.crier;

import dev.crier.bus.Bus;
import dev.crier.channel.Subscribers;
import dev.crier.config.Conf;
import dev.crier.config.ConfException;
import dev.crier.config.ManagementConf;
import dev.crier.http.HttpVerticle;
import dev.crier.http.Management;
import dev.crier.metrics.Metrics;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where Crier listens: for the world, by one door for each event loop, all on the same port; and apart from it for those
 * who run it. What it opens closes with the verticle in whose context it is opened.
 */
final class Doors {

    private static final Logger LOG = LoggerFactory.getLogger(Doors.class);

    private final Vertx vertx;
    private final Metrics metrics;
    private final List<HttpVerticle> opened = new ArrayList<>();
    private String url;
    private int managementPort;

    Doors(Vertx vertx, Metrics metrics) {
        this.vertx = vertx;
        this.metrics = metrics;
    }

    /** @param unready why nobody is to be sent here at present, if that is so */
    Future<?> openManagement(ManagementConf conf, Supplier<Optional<String>> unready) {
        return conf.isOn()
                ? new Management(unready, metrics)
                        .listen(vertx, conf)
                        .onSuccess(server -> {
                            managementPort = server.actualPort();
                            LOG.info("Health is told at {}health", url(conf.host(), managementPort));
                        })
                        .recover(failure ->
                                Future.failedFuture(closed("management.", conf.host(), conf.port(), failure)))
                : Future.succeededFuture();
    }

    /**
     * @param subscribers makes those of one event loop
     * @param stopping told by each door that it closes; the answer is over how long
     */
    Future<?> open(Conf conf, Bus bus, int eventLoops, Supplier<Subscribers> subscribers, Supplier<Duration> stopping) {
        return vertx.deployVerticle(
                        () -> {
                            var door = new HttpVerticle(conf, bus, subscribers.get(), stopping, metrics);
                            opened.add(door);
                            return door;
                        },
                        new DeploymentOptions().setInstances(eventLoops))
                .onSuccess(deployed -> url = url(conf.host(), port()))
                .recover(failure -> Future.failedFuture(closed("", conf.host(), conf.port(), failure)));
    }

    /** Where the world finds it. */
    String url() {
        return url;
    }

    int port() {
        return opened.get(0).port();
    }

    int managementPort() {
        return managementPort;
    }

    int subscribers() {
        return opened.stream().mapToInt(HttpVerticle::subscribers).sum();
    }

    /** Where the address cannot be listened on, that is the user's matter and told as such. */
    private static Throwable closed(String section, String host, int port, Throwable failure) {
        if (failure instanceof UnknownHostException) {
            return new ConfException(section + "host: " + host + ": " + failure.getMessage()
                    + " (expected: a host name that can be resolved)");
        }
        return failure instanceof IOException
                ? new ConfException("%sport: %d on %s: %s (expected: an address and a port that are free)"
                        .formatted(section, port, host, failure.getMessage()))
                : failure;
    }

    private static String url(String host, int port) {
        boolean everywhere = host.equals("0.0.0.0") || host.equals("::");
        String name = everywhere ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
        return "http://" + name + ":" + port + "/";
    }
}
