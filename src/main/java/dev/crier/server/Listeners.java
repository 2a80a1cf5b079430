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

/** Opens and closes the management listener, and the main listener with its verticle for each event loop. */
public final class Listeners {

    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final Vertx vertx;
    private final Metrics metrics;
    private final List<HttpVerticle> verticles = new ArrayList<>();
    private Optional<ManagementListener> management = Optional.empty();
    private Optional<CertificateReloader> reloader = Optional.empty();
    private String url;

    public Listeners(Vertx vertx, Metrics metrics) {
        this.vertx = vertx;
        this.metrics = metrics;
    }

    /**
     * Opens the management listener, if it is configured. {@link #closeManagement} closes it.
     *
     * @param notReadyReason returns why Crier is not ready; empty if it is
     * @param backup writes a backup of the log; empty if the log is not in a file
     */
    public Future<Void> openManagement(
            ManagementConf conf,
            Supplier<Optional<String>> notReadyReason,
            Optional<Supplier<Future<JsonObject>>> backup) {
        if (!conf.isOn()) {
            return Future.succeededFuture();
        }
        var listener = new ManagementListener(vertx, notReadyReason, metrics, backup);
        return listener.listen(conf)
                .onSuccess(listening -> {
                    management = Optional.of(listener);
                    LOG.info("Health checks are served at {}health", url("http", conf.host(), listener.port()));
                })
                .recover(failure -> Future.failedFuture(explain("management.", conf.host(), conf.port(), failure)));
    }

    /**
     * Opens the main listener. {@link #close} stops the renewal of its certificate; Vert.x undeploys its verticles before it
     * stops the verticle that has called this.
     *
     * @param verticle creates the verticle of one event loop, with the certificate for TLS; without one, it uses no TLS
     */
    public Future<Void> open(Conf conf, int eventLoops, Function<Optional<Certificate>, HttpVerticle> verticle) {
        return readCertificate(conf.tls())
                .compose(certificate -> deploy(eventLoops, () -> verticle.apply(certificate))
                        .onSuccess(deployed -> startReloader(conf.tls(), certificate)))
                .<Void>mapEmpty()
                .onSuccess(deployed -> url = url(conf.tls().isOn() ? "https" : "http", conf.host(), port()))
                .recover(failure -> Future.failedFuture(explain("", conf.host(), conf.port(), failure)));
    }

    private Future<Optional<Certificate>> readCertificate(TlsConf conf) {
        return conf.isOn() ? Certificate.read(vertx, conf).map(Optional::of) : Future.succeededFuture(Optional.empty());
    }

    private Future<String> deploy(int eventLoops, Supplier<HttpVerticle> verticle) {
        return vertx.deployVerticle(
                () -> {
                    HttpVerticle created = verticle.get();
                    verticles.add(created);
                    return created;
                },
                new DeploymentOptions().setInstances(eventLoops));
    }

    /** All verticles share one server, so renewing the certificate of one renews that of all. */
    private void startReloader(TlsConf conf, Optional<Certificate> certificate) {
        reloader = certificate.map(current -> new CertificateReloader(vertx, conf, current, verticles.get(0)::renew));
        reloader.ifPresent(CertificateReloader::start);
    }

    public void close() {
        reloader.ifPresent(CertificateReloader::stop);
    }

    public Future<Void> closeManagement() {
        return management.map(ManagementListener::close).orElseGet(Future::succeededFuture);
    }

    /** Returns the URL of the main listener. */
    public String url() {
        return url;
    }

    public int port() {
        return verticles.get(0).port();
    }

    /** Returns 0 if there is no management listener. */
    public int managementPort() {
        return management.map(ManagementListener::port).orElse(0);
    }

    /** Returns the number of subscribers on all event loops. */
    public int subscribers() {
        return verticles.stream().mapToInt(HttpVerticle::subscribers).sum();
    }

    /** Returns a configuration error if Crier cannot listen on the address, because only the user can correct that. */
    private static Throwable explain(String section, String host, int port, Throwable failure) {
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
        boolean isWildcard = host.equals("0.0.0.0") || host.equals("::");
        String name = isWildcard ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
        return scheme + "://" + name + ":" + port + "/";
    }
}
