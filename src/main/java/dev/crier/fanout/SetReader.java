package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelSet;
import dev.crier.event.EventId;
import dev.crier.log.CatchUp;
import dev.crier.log.EventLog;
import dev.crier.log.store.Requester;
import dev.crier.sse.EventStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Optional;

/** Reads a channel set. Subscribers that are up to date receive what {@link SetChanges} has read for many sets. */
final class SetReader extends SharedReader {

    private final ChannelSet set;
    private final EventLog log;
    private final SetChanges changes;
    private final SetEncoder encoder;

    /** The last pass in which the set had new entries. */
    private int changedIn;

    /** The channel that had them, or null if several had. */
    private ChannelName changed;

    /**
     * The end of that pass, as numbers. Of all entries that later passes have looked at, the set has none. A reference to the
     * position would cost the garbage collector work at each event.
     */
    private long newestMillis;

    private long newestSequence;

    /** The end of the previous pass in which the set had new entries. */
    private long previousMillis;

    private long previousSequence;

    /** Where the last subscriber that catches up goes on; null if none does. */
    private CatchUp catchUp;

    /** Whether {@link #catchUp} has been used since the last check. */
    private boolean isCatchUpUsed;

    SetReader(ChannelSet set, EventLog log, SetChanges changes, SetEncoder encoder, DeliveryStats stats) {
        super(stats);
        this.set = set;
        this.log = log;
        this.changes = changes;
        this.encoder = encoder;
        this.changedIn = changes.pass() - 1;
        moveNewest();
    }

    private void moveNewest() {
        newestMillis = changes.through().millis();
        newestSequence = changes.through().sequence();
    }

    @Override
    boolean markChanged(ChannelName channel) {
        if (changedIn == changes.pass()) {
            changed = null;
            return false;
        }
        changedIn = changes.pass();
        if (changed != channel) {
            changed = channel;
        }
        previousMillis = newestMillis;
        previousSequence = newestSequence;
        moveNewest();
        return true;
    }

    @Override
    public Optional<EncodedRead> read(EventId position) {
        Optional<EncodedRead> shared = changes.covers(position) ? shared(position) : Optional.empty();
        return shared.isPresent() ? shared : super.read(position);
    }

    /** Returns what subscribers of many sets receive, if a subscriber at the position had all that came before the last pass. */
    private Optional<EncodedRead> shared(EventId position) {
        if (changedIn != changes.pass()) {
            return isAtOrAfter(position, newestMillis, newestSequence) ? changes.nothing() : Optional.empty();
        }
        return changed != null && isAtOrAfter(position, previousMillis, previousSequence)
                ? changes.read(changed)
                : Optional.empty();
    }

    private static boolean isAtOrAfter(EventId position, long millis, long sequence) {
        return position.millis() > millis || position.millis() == millis && position.sequence() >= sequence;
    }

    @Override
    Optional<EncodedRead> readMemory(EventId position) {
        return log.sets().read(set, position).map(read -> encoder.encode(read, position));
    }

    @Override
    Future<Optional<EncodedRead>> readStore(EventId position, Requester requester) {
        boolean goesOn = catchUp != null && catchUp.isAt(position);
        CatchUp used = goesOn ? catchUp : log.sets().catchUp(set);
        catchUp = null; // no other read may use it meanwhile
        return used.read(position, requester).map(read -> {
            if (used.isAt(read.through())) {
                catchUp = used;
                isCatchUpUsed = true;
            }
            return Optional.of(encoder.encode(read, position));
        });
    }

    /** Forgets a catch-up whose subscriber has left. */
    @Override
    void release() {
        super.release();
        if (!isCatchUpUsed) {
            catchUp = null;
        }
        isCatchUpUsed = false;
    }

    @Override
    public Buffer endBlock(EventId position, Duration retry) {
        return EventStream.appendEnd(Buffer.buffer(), position, retry);
    }

    @Override
    void countLag(EventId position) {
        log.sets().storedAfter(set, position).ifPresent(stats()::lags);
    }

    @Override
    String description() {
        return set.toString();
    }
}
