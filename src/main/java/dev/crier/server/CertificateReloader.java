package dev.crier.server;

import dev.crier.config.TlsConf;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the certificate files regularly and applies a new certificate. An invalid one is logged once, and the current one stays
 * in use.
 */
final class CertificateReloader {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateReloader.class);

    private final Vertx vertx;
    private final TlsConf conf;
    private final Function<Certificate, Future<?>> apply;
    private volatile Certificate current;
    private String loggedError = "";
    private long timer;

    /**
     * @param current the certificate in use
     * @param apply uses another certificate for new connections
     */
    CertificateReloader(Vertx vertx, TlsConf conf, Certificate current, Function<Certificate, Future<?>> apply) {
        this.vertx = vertx;
        this.conf = conf;
        this.current = current;
        this.apply = apply;
    }

    void start() {
        timer = vertx.setPeriodic(conf.refresh().toMillis(), id -> reload());
    }

    /** Returns when the validity of the certificate in use ends. Thread-safe. */
    Instant end() {
        return current.end();
    }

    void stop() {
        vertx.cancelTimer(timer);
    }

    /** Reads the files again and applies a changed certificate. Logs a failure. */
    Future<?> reload() {
        return Certificate.read(vertx, conf)
                .<Object>compose(read -> read.isSame(current)
                        ? Future.succeededFuture()
                        : replace(read).mapEmpty())
                .onSuccess(done -> loggedError = "")
                .onFailure(failure -> {
                    if (!loggedError.equals(failure.getMessage())) {
                        loggedError = failure.getMessage();
                        LOG.error(
                                "{}; the current certificate stays in use, valid until {}", loggedError, current.end());
                    }
                });
    }

    private Future<?> replace(Certificate renewed) {
        return apply.apply(renewed).onSuccess(done -> {
            current = renewed;
            LOG.info("The certificate has been renewed, valid until {}", renewed.end());
        });
    }
}
