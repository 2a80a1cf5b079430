package dev.crier.server;

import dev.crier.config.TlsConf;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks now and then whether the certificate has been renewed. For one context. */
public final class CertificateReloader {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateReloader.class);

    private final Vertx vertx;
    private final TlsConf conf;
    private final Function<Certificate, Future<?>> show;
    private Certificate shown;
    private String refused = "";
    private long looking;

    /** @param show has who connects from now on see another certificate than the one that is shown */
    public CertificateReloader(Vertx vertx, TlsConf conf, Certificate shown, Function<Certificate, Future<?>> show) {
        this.vertx = vertx;
        this.conf = conf;
        this.shown = shown;
        this.show = show;
    }

    public void begin() {
        looking = vertx.setPeriodic(conf.refresh().toMillis(), id -> look());
    }

    /** One that is no good is told of once, and the one before goes on. */
    private void look() {
        Certificate.read(vertx, conf)
                .compose(read -> read.isSame(shown) ? Future.succeededFuture() : renew(read))
                .onSuccess(done -> refused = "")
                .onFailure(failure -> {
                    if (!refused.equals(failure.getMessage())) {
                        refused = failure.getMessage();
                        LOG.error("{}; the one from before goes on, until {}", refused, shown.end());
                    }
                });
    }

    private Future<?> renew(Certificate read) {
        return show.apply(read).onSuccess(done -> {
            shown = read;
            LOG.info("The certificate has been renewed, until {}", read.end());
        });
    }

    public void end() {
        vertx.cancelTimer(looking);
    }
}
