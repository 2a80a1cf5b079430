package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.config.PublishConf;
import dev.crier.event.ChannelName;
import dev.crier.http.request.PublishRequest;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import dev.crier.transport.ConnectionTracker;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** {@code POST} of a body whose events are stored and delivered while it arrives: an event stream, or lines of text. */
public final class PublishStreamHandler {

    private final EventLog log;
    private final PublishConf conf;
    private final Limits limits;
    private final ConnectionTracker connections;
    private final Set<StreamedPublication> open = new HashSet<>();
    private boolean stopped;

    public PublishStreamHandler(EventLog log, PublishConf conf, Limits limits, ConnectionTracker connections) {
        this.log = log;
        this.conf = conf;
        this.limits = limits;
        this.connections = connections;
    }

    void handle(RoutingContext ctx, ChannelName channel, Decision.Granted granted, PublishRequest request) {
        Problem.count(ctx, 0);
        if (stopped) {
            StreamedResponse.stopping(ctx);
        } else if (RequestBody.isPlain(ctx)) {
            var publication = new StreamedPublication(
                    ctx, channel, granted, request, conf, log, limits, connections, open::remove);
            open.add(publication);
            publication.begin();
        }
    }

    /** Ends all requests after what has arrived of them is stored. Their clients can continue elsewhere. */
    public void stop() {
        stopped = true;
        List.copyOf(open).forEach(StreamedPublication::stop);
    }
}
