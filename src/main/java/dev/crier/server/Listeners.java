package dev.crier.server;

import dev.crier.config.Conf;
import dev.crier.config.TlsConf;
import dev.crier.config.file.ConfException;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Opens and closes the main listener, with its verticle for each event loop. */
public final class Listeners {

    private final Vertx vertx;
    private final List<HttpVerticle> verticles = new ArrayList<>();
    private volatile Optional<CertificateReloader> reloader = Optional.empty();
    private volatile String url;

    public Listeners(Vertx vertx) {
        this.vertx = vertx;
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

    /** Returns the URL of the main listener. */
    public String url() {
        return url;
    }

    /** Returns the URL of the main listener, once it is open. Thread-safe. */
    public Optional<String> openUrl() {
        return Optional.ofNullable(url);
    }

    /** Returns when the validity of the current certificate ends; empty without TLS. Thread-safe. */
    public Optional<Instant> certificateEnd() {
        return reloader.map(CertificateReloader::end);
    }

    public int port() {
        return verticles.get(0).port();
    }

    /** Returns the number of subscribers on all event loops. */
    public int subscribers() {
        return verticles.stream().mapToInt(HttpVerticle::subscribers).sum();
    }

    /** Returns a configuration error if Crier cannot listen on the address, because only the user can correct that. */
    static Throwable explain(String section, String host, int port, Throwable failure) {
        if (failure instanceof UnknownHostException) {
            return new ConfException(section + "host: " + host + ": " + failure.getMessage()
                    + " (expected: a host name that can be resolved)");
        }
        return failure instanceof IOException
                ? new ConfException("%sport: %d on %s: %s (expected: an address and a port that are free)"
                        .formatted(section, port, host, failure.getMessage()))
                : failure;
    }

    static String url(String scheme, String host, int port) {
        boolean isWildcard = host.equals("0.0.0.0") || host.equals("::");
        String name = isWildcard ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
        return scheme + "://" + name + ":" + port + "/";
    }
}
