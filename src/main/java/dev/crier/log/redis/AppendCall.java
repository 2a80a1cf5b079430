package dev.crier.log.redis;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.NewestEvent;
import dev.crier.event.Precondition;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.log.store.Sequencer;
import dev.crier.log.store.Store.Outcome;
import io.vertx.redis.client.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Builds calls of the append script, and parses their answers. */
final class AppendCall {

    /** The outcomes of a batch, and the newest id among them. */
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
            int count = publications.get(i).events().size();
            String word = words[i + 1];
            if (word.equals("!")) {
                outcomes.add(new Outcome.Refused(Sequencer.keyReused()));
                continue;
            }
            if (word.startsWith("~") || word.startsWith("^")) {
                boolean isEnd = word.startsWith("^");
                Optional<NewestEvent> found = EventId.parse(word.substring(1)).map(id -> new NewestEvent(id, isEnd));
                outcomes.add(new Outcome.Refused(
                        publications.get(i).precondition().refusal(found).orElseThrow()));
                continue;
            }
            if (word.startsWith("=")) {
                String[] stored = word.split("=", 3);
                EventId last = Break.id(stored[1]);
                outcomes.add(new Outcome.Refused(Sequencer.alreadyStored(stored[2], last)));
                newest = EventId.later(newest, last);
                continue;
            }
            boolean stored = word.equals("+");
            List<EventId> ids = ids(stored ? next : Break.id(word), count);
            outcomes.add(stored ? new Outcome.Stored(ids) : new Outcome.Repeated(ids));
            newest = EventId.later(newest, ids.get(count - 1));
            if (stored) {
                next = new EventId(next.millis(), next.sequence() + count);
            }
        }
        return new Answer(outcomes, newest);
    }

    /**
     * Returns the outcome of an attempt from its receipt, {@code <digest> <millis> <id>}; or nothing if the publication follows
     * what the receipt stands for.
     */
    static Optional<Outcome> earlier(Publication publication, String receipt) {
        String[] words = receipt.split(" ");
        Publication.Attempt attempt = publication.attempt();
        if (attempt.isPart()) {
            return attempt.before().equals(words[0])
                    ? Optional.empty()
                    : Optional.of(new Outcome.Refused(Sequencer.alreadyStored(words[0], Break.id(words[2]))));
        }
        return Optional.of(
                words[0].equals(attempt.digest())
                        ? new Outcome.Repeated(
                                ids(Break.id(words[2]), publication.events().size()))
                        : new Outcome.Refused(Sequencer.keyReused()));
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
