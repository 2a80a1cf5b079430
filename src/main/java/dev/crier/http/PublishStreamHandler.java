package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.config.ChannelConf;
import dev.crier.config.PublishConf;
import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.PublishException;
import dev.crier.http.request.PublishRequest;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code POST} of a body whose events are stored and delivered while it arrives: an event stream, or lines of text. Answers a
 * request as soon as its channel has ended otherwise.
 */
public final class PublishStreamHandler {

    private final EventLog log;
    private final PublishConf conf;
    private final Limits limits;
    private final BodyChecks bodies;
    private final ProducersGone gone;
    private final Set<StreamedPublication> open = new HashSet<>();

    /** Those of the open requests whose channel may end, by channel. */
    private final Map<ChannelName, Set<StreamedPublication>> endable = new HashMap<>();

    private boolean stopped;

    public PublishStreamHandler(EventLog log, PublishConf conf, Limits limits, BodyChecks bodies) {
        this.log = log;
        this.conf = conf;
        this.limits = limits;
        this.bodies = bodies;
        this.gone = new ProducersGone(log);
    }

    void handle(
            RoutingContext ctx,
            ChannelName channel,
            ChannelConf declared,
            Decision.Granted granted,
            PublishRequest request) {
        Problem.count(ctx, 0);
        boolean ends = declared.retention().ends();
        Optional<Entry> end = ends && log.isReadable() ? log.recentEnd(channel) : Optional.empty();
        if (stopped) {
            StreamedResponse.stopping(ctx);
        } else if (end.isPresent() && request.key().isEmpty()) {
            StreamedResponse.refused(ctx, PublishException.ended(end.get().id()), 0);
        } else if (RequestBody.isPlain(ctx)) {
            var publication = new StreamedPublication(
                    ctx,
                    channel,
                    granted,
                    request,
                    conf,
                    log,
                    limits,
                    bodies,
                    over -> remove(channel, over),
                    unlessOthers -> {
                        if (declared.endsWithProducer()) {
                            gone.end(channel, unlessOthers);
                        }
                    });
            open.add(publication);
            if (ends && end.isEmpty()) { // otherwise the stream may be stored under its key, up to the end
                endable.computeIfAbsent(channel, first -> new HashSet<>()).add(publication);
            }
            publication.begin();
        }
    }

    private void remove(ChannelName channel, StreamedPublication over) {
        open.remove(over);
        endable.computeIfPresent(channel, (name, publications) -> {
            publications.remove(over);
            return publications.isEmpty() ? null : publications;
        });
    }

    /** Called when the channel has new entries. */
    public void notified(ChannelName channel) {
        if (!endable.isEmpty()) {
            endAfter(channel);
        }
    }

    /** Called regularly, because a notification may be lost, and the log may not have been able to store an end. */
    public void check() {
        List.copyOf(endable.keySet()).forEach(this::endAfter);
        gone.retry();
    }

    /** Ends the open requests of the channel if it has ended. */
    private void endAfter(ChannelName channel) {
        Set<StreamedPublication> publications = endable.get(channel);
        if (publications != null && log.isReadable()) {
            log.recentEnd(channel)
                    .ifPresent(end -> List.copyOf(publications).forEach(publication -> publication.channelEnded(end)));
        }
    }

    /** Ends all requests after what has arrived of them is stored. Their clients can continue elsewhere. */
    public void stop() {
        stopped = true;
        List.copyOf(open).forEach(StreamedPublication::stop);
    }
}
