package dev.crier.log.redis;

import dev.crier.event.AlreadyStoredException;
import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.NewestEvent;
import dev.crier.event.Precondition;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.log.store.Receipt;
import dev.crier.log.store.Store.Outcome;
import io.vertx.redis.client.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Builds calls of the append script, and parses their answers. */
final class AppendCall {

    /** The script's word for a channel that has ended. The id of the end follows. */
    private static final String ENDED = "^";

    /** The outcomes of a batch, and the newest id that they name. This node shows it before it answers the publishers. */
    record Answer(List<Outcome> outcomes, EventId newest) {}

    private final Function<ChannelName, Optional<Retention>> retention;
    private final LongSupplier nowMillis;

    /** @param nowMillis the log's own time */
    AppendCall(Function<ChannelName, Optional<Retention>> retention, LongSupplier nowMillis) {
        this.retention = retention;
        this.nowMillis = nowMillis;
    }

    /** @param number the number of the batch; each batch of a sender has a higher one than the batch before */
    Request request(Session to, String sender, long number, List<Publication> publications) {
        Request request = begin(to, sender, number);
        for (Publication publication : publications) {
            boolean latest = retention.apply(publication.channel()).orElse(null) instanceof Retention.Latest;
            request.arg(publication.channel().path())
                    .arg((latest ? "latest" : "events") + text(publication.precondition()))
                    .arg(publication.attempt().key())
                    .arg(digest(publication.attempt()))
                    .arg(publication.events().size());
            for (Event event : publication.events()) {
                request.arg(EntryCodec.encode(event));
            }
        }
        return request;
    }

    private static String text(Precondition precondition) {
        if (precondition instanceof Precondition.Open open) {
            return "!" + text(open.also());
        }
        if (precondition instanceof Precondition.Newest newest) {
            return " " + newest.id();
        }
        return precondition instanceof Precondition.Empty ? " *" : "";
    }

    private static String digest(Publication.Attempt attempt) {
        return attempt.isPart() ? attempt.before() + " " + attempt.digest() : attempt.digest();
    }

    /** Returns the call that appends latest events again, unless Redis has newer ones. */
    Request restoring(Session to, String sender, long number, List<Entry> entries) {
        Request request = begin(to, sender, number);
        for (Entry entry : entries) {
            request.arg(entry.channel().path())
                    .arg("restored")
                    .arg(entry.id().toString())
                    .arg("")
                    .arg(1)
                    .arg(EntryCodec.encode(entry.event()));
        }
        return request;
    }

    private Request begin(Session to, String sender, long number) {
        return Script.APPEND.call(to.keys(), sender, number, to.epoch(), to.run(), nowMillis.getAsLong());
    }

    /** Parses the answer of the script: the id of the first stored event, and a word for each publication. */
    static Answer parse(List<Publication> publications, String text) {
        String[] words = text.split(" ");
        EventId next = Break.id(words[0]);
        EventId newest = EventId.FIRST;
        var outcomes = new ArrayList<Outcome>(publications.size());
        for (int i = 0; i < publications.size(); i++) {
            String word = words[i + 1];
            Outcome outcome = outcome(publications.get(i), word, next);
            outcomes.add(outcome);
            newest = EventId.later(newest, word.startsWith(ENDED) ? Break.id(word.substring(1)) : last(outcome));
            if (outcome instanceof Outcome.Stored stored) {
                next = new EventId(next.millis(), next.sequence() + stored.ids().size());
            }
        }
        return new Answer(outcomes, newest);
    }

    /** @param next the id of the publication's first event if it is stored */
    private static Outcome outcome(Publication publication, String word, EventId next) {
        int count = publication.events().size();
        String rest = word.substring(1);
        return switch (word.substring(0, 1)) {
            case "+" -> new Outcome.Stored(ids(next, count));
            case "!" -> new Outcome.Refused(Receipt.keyReused());
            case "=" -> alreadyStored(publication, rest.split("=", 2));
            case ENDED, "~" -> refused(publication, rest, word.startsWith(ENDED));
            default -> new Outcome.Repeated(ids(Break.id(word), count));
        };
    }

    private static Outcome alreadyStored(Publication publication, String[] stored) {
        return Receipt.answer(publication.attempt(), stored[1], List.of(Break.id(stored[0])))
                .orElseThrow();
    }

    private static Outcome refused(Publication publication, String id, boolean isEnd) {
        Optional<NewestEvent> newest = EventId.parse(id).map(found -> new NewestEvent(found, isEnd));
        return new Outcome.Refused(publication.precondition().refusal(newest).orElseThrow());
    }

    /**
     * Returns the answer to a publication by the receipt of its key, {@code <digest> <millis> <id>}; or nothing if it is the next
     * part of the same stream.
     */
    static Optional<Outcome> earlier(Publication publication, String receipt) {
        String[] words = receipt.split(" ");
        int count = publication.attempt().isPart() ? 1 : publication.events().size();
        return Receipt.answer(publication.attempt(), words[0], ids(Break.id(words[2]), count));
    }

    /** Returns the id of the last event of which the outcome tells the publisher that it is stored. */
    static EventId last(Outcome outcome) {
        if (outcome instanceof Outcome.Refused refused) {
            return refused.reason() instanceof AlreadyStoredException stored ? stored.last() : EventId.FIRST;
        }
        List<EventId> ids =
                outcome instanceof Outcome.Stored stored ? stored.ids() : ((Outcome.Repeated) outcome).ids();
        return ids.get(ids.size() - 1);
    }

    /** Returns the ids of one publication, which are consecutive. */
    private static List<EventId> ids(EventId first, int count) {
        var ids = new EventId[count];
        for (int i = 0; i < count; i++) {
            ids[i] = new EventId(first.millis(), first.sequence() + i);
        }
        return List.of(ids);
    }
}
