package dev.crier.server;

import dev.crier.config.Conf;
import dev.crier.config.ManagementConf;
import dev.crier.config.TlsConf;
import dev.crier.config.file.ConfException;
import dev.crier.metrics.Metrics;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where Crier listens: for the world, by one door for each event loop, all on the same port; and apart from it for those
 * who run it. What it opens closes with the verticle in whose context it is opened.
 */
public final class Listeners {

    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final Vertx vertx;
    private final Metrics metrics;
    private final List<HttpVerticle> opened = new ArrayList<>();
    private Optional<CertificateReloader> renewal = Optional.empty();
    private String url;
    private int managementPort;

    public Listeners(Vertx vertx, Metrics metrics) {
        this.vertx = vertx;
        this.metrics = metrics;
    }

    /**
     * @param unready why Crier is not ready, if it is not
     * @param backup writes a backup of the log, if the log is in a file
     */
    public Future<?> openManagement(
            ManagementConf conf, Supplier<Optional<String>> unready, Optional<Supplier<Future<JsonObject>>> backup) {
        return conf.isOn()
                ? new ManagementListener(unready, metrics, backup)
                        .listen(vertx, conf)
                        .onSuccess(server -> {
                            managementPort = server.actualPort();
                            LOG.info("Health is told at {}health", url("http", conf.host(), managementPort));
                        })
                        .recover(failure ->
                                Future.failedFuture(closed("management.", conf.host(), conf.port(), failure)))
                : Future.succeededFuture();
    }

    /** @param door makes that of one event loop, which speaks TLS by the certificate, if there is one */
    public Future<?> open(Conf conf, int eventLoops, Function<Optional<Certificate>, HttpVerticle> door) {
        return certificate(conf.tls())
                .compose(certificate -> {
                    renewal = certificate.map(read -> new CertificateReloader(
                            vertx, conf.tls(), read, renewed -> opened.get(0).renew(renewed)));
                    return vertx.deployVerticle(
                            () -> {
                                HttpVerticle made = door.apply(certificate);
                                opened.add(made);
                                return made;
                            },
                            new DeploymentOptions().setInstances(eventLoops));
                })
                .onSuccess(deployed -> {
                    renewal.ifPresent(CertificateReloader::begin);
                    url = url(conf.tls().isOn() ? "https" : "http", conf.host(), port());
                })
                .recover(failure -> Future.failedFuture(closed("", conf.host(), conf.port(), failure)));
    }

    private Future<Optional<Certificate>> certificate(TlsConf conf) {
        return conf.isOn() ? Certificate.read(vertx, conf).map(Optional::of) : Future.succeededFuture(Optional.empty());
    }

    /** The doors close by themselves, with the verticle that has opened them. */
    public void close() {
        renewal.ifPresent(CertificateReloader::end);
    }

    /** Where the world finds it. */
    public String url() {
        return url;
    }

    public int port() {
        return opened.get(0).port();
    }

    public int managementPort() {
        return managementPort;
    }

    public int subscribers() {
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

    private static String url(String scheme, String host, int port) {
        boolean everywhere = host.equals("0.0.0.0") || host.equals("::");
        String name = everywhere ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
        return scheme + "://" + name + ":" + port + "/";
    }
}
