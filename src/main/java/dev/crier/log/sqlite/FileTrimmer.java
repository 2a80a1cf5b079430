package dev.crier.log.sqlite;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.log.store.Store;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * Drops expired and surplus entries, old receipts and empty channels, and gives free pages back to the file system. It
 * works in small steps, so that publications can be stored between two of them. It belongs to the writing thread.
 *
 * <p>The class is long because all kinds of steps take turns, and each continues where it stopped.
 */
final class FileTrimmer {

    /** The cost at which a step ends. {@link EntryDropper.Dropped} says what dropping entries costs. */
    private static final int STEP_COST = 1_000;

    /** The number of entries that are counted at a cost of 1. */
    private static final int COUNTED_AT_ONE = 25;

    /** The number of channels that one step examines. */
    private static final int STEP_CHANNELS = 200;

    /** The number of pages that one step gives back to the file system. */
    private static final int STEP_PAGES = 256;

    /** A file with at most this many free pages, one megabyte, does not shrink. */
    private static final int MIN_FREE_PAGES = 256;

    private final Function<ChannelName, Optional<Retention>> retention;
    private final int maxEmpty;

    /**
     * The channels that may have more entries than their retention keeps: those with new entries and, after a start, all of
     * them, because the configuration may keep less than before.
     */
    private final Set<ChannelName> unchecked = new LinkedHashSet<>();

    private final EntryCounts counts = new EntryCounts();

    /** The connection on which entries were counted. Another tool may have changed the file before the next one. */
    private Sql countedOn;

    /** The channels without entries, each with the newest entry that it has lost. */
    private final Map<ChannelName, EventId> empty = new HashMap<>();

    /** The row of the channel that was last searched for expired entries. */
    private long lastRow;

    /** Whether the last step gave pages back. */
    private boolean shrinking;

    /**
     * @param retention what a channel keeps; empty for a channel that is not declared
     * @param maxEmpty the number of channels without entries for which the file records what each has lost
     */
    FileTrimmer(Function<ChannelName, Optional<Retention>> retention, int maxEmpty) {
        this.retention = retention;
        this.maxEmpty = maxEmpty;
    }

    /** Checks all channels of a file that was opened. */
    void opened(Collection<ChannelName> channels) {
        unchecked.addAll(channels);
    }

    /** Counts a new entry, and marks its channel for a check. Must be called once for each entry. */
    void appended(ChannelName channel) {
        unchecked.add(channel);
        counts.appended(channel);
        empty.remove(channel);
    }

    /**
     * The result of one step.
     *
     * @param more whether there is more to do
     * @param forgotten empty channels for which the file no longer records the newest lost entry
     */
    record Trimmed(boolean more, Collection<ChannelName> forgotten) {}

    /** The results of one step, which count only when its transaction is committed. */
    private static final class Step {
        final List<ChannelName> checked = new ArrayList<>();
        final Map<ChannelName, EventId> emptied = new HashMap<>();
        final List<ChannelName> forgotten = new ArrayList<>();
        int costLeft = STEP_COST;

        /** The cost of counting entries, apart from that of dropping, so that each step can drop some. */
        long countingCost;

        boolean isSpent() {
            return costLeft <= countingCost;
        }
    }

    /** Takes one step of {@link Store#trim} in one transaction, so that publications wait for one commit only. */
    Trimmed step(
            Sql sql,
            WriteAheadLog writeAheadLog,
            long nowMillis,
            long receiptsMillis,
            long wallAheadMillis,
            EventId settled)
            throws SQLException {
        var step = new Step();
        var dropper = new EntryDropper(sql);
        if (sql != countedOn) {
            counts.clear();
            countedOn = sql;
        }
        counts.begin();
        sql.transact(() -> {
            trimByNumber(dropper, step, settled);
            trimByAge(dropper, step, nowMillis);
            dropper.dropReceipts(receiptsMillis);
            dropper.setWallAhead(wallAheadMillis);
            forgetChannels(dropper, step);
        });
        counts.commit();
        unchecked.removeAll(step.checked);
        empty.putAll(step.emptied);
        step.forgotten.forEach(empty::remove);
        if (step.isSpent() || !unchecked.isEmpty() || !step.forgotten.isEmpty()) {
            return new Trimmed(true, step.forgotten); // returned before shrinking, which can fail
        }
        return new Trimmed(shrink(sql, writeAheadLog), List.of());
    }

    /**
     * Drops the oldest entries of channels that have more than their retention keeps. If they are too many for one step, the
     * next step continues. A gap must not end after the newest position that subscribers know, so no entry after that position
     * is dropped.
     */
    private void trimByNumber(EntryDropper dropper, Step step, EventId settled) throws SQLException {
        for (ChannelName channel : unchecked) {
            int most = retention.apply(channel).map(Retention::maxEvents).orElse(Retention.Events.ANY_NUMBER);
            boolean whole = true;
            if (most < Retention.Events.ANY_NUMBER) {
                long surplus = Math.max(0, count(dropper, step, channel) - most);
                whole = record(step, channel, dropper.dropOldest(channel, surplus, settled, step.costLeft)) == surplus;
            }
            if (step.isSpent()) {
                return;
            }
            if (whole) {
                step.checked.add(channel);
            } else {
                // not shown yet, or deleted by another tool: without a new count, the trim might never end
                counts.forget(channel);
            }
            if (step.checked.size() == STEP_CHANNELS) {
                return;
            }
        }
    }

    /** Returns the number of the channel's entries, and counts them if necessary. */
    private long count(EntryDropper dropper, Step step, ChannelName channel) throws SQLException {
        OptionalLong known = counts.of(channel);
        if (known.isPresent()) {
            return known.getAsLong();
        }
        long count = dropper.count(channel);
        counts.counted(channel, count);
        step.countingCost += count / COUNTED_AT_ONE;
        return count;
    }

    /** Records what was dropped, and returns the number of entries. */
    private long record(Step step, ChannelName channel, EntryDropper.Dropped dropped) {
        step.costLeft -= dropped.cost();
        counts.dropped(channel, dropped.entries());
        return dropped.entries();
    }

    /**
     * Drops the expired entries of the next channels, in turn. Memory expires entries independently, so an entry may be in
     * memory for some seconds after it has left the file, and the reverse.
     */
    private void trimByAge(EntryDropper dropper, Step step, long nowMillis) throws SQLException {
        if (step.isSpent()) {
            return;
        }
        var channels = dropper.channelsAfter(lastRow, STEP_CHANNELS);
        for (var row : channels.entrySet()) {
            if (step.isSpent()) {
                return;
            }
            ChannelName channel = row.getValue();
            if (retention.apply(channel).orElse(null) instanceof Retention.Events events
                    && events.age().compareTo(Retention.Events.ANY_AGE) < 0) {
                long expiredMillis = nowMillis - events.age().toMillis();
                record(step, channel, dropper.dropStoredBefore(channel, expiredMillis, step.costLeft));
            }
            if (dropper.isEmpty(channel)) {
                step.emptied.put(channel, dropper.dropped(channel));
            }
            if (!step.isSpent()) {
                lastRow = row.getKey();
            }
        }
        if (!step.isSpent() && channels.size() < STEP_CHANNELS) {
            lastRow = 0;
        }
    }

    /** Removes half of the empty channels when there are too many: those that lost their last entry longest ago. */
    private void forgetChannels(EntryDropper dropper, Step step) throws SQLException {
        if (empty.size() <= maxEmpty) {
            return;
        }
        empty.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .limit(Math.min(STEP_COST, empty.size() - maxEmpty / 2))
                .map(Map.Entry::getKey)
                .forEach(step.forgotten::add);
        dropper.forget(step.forgotten, empty.get(step.forgotten.get(step.forgotten.size() - 1)));
    }

    /** Gives some free pages back to the file system, and returns whether there may be more. */
    private boolean shrink(Sql sql, WriteAheadLog writeAheadLog) throws SQLException {
        boolean slack = hasSlack(sql);
        if (slack) {
            sql.execute("PRAGMA incremental_vacuum(" + STEP_PAGES + ")");
            writeAheadLog.moveIfLarge();
        } else if (shrinking) {
            writeAheadLog.move(); // the database file gets shorter only when the log is moved
        }
        shrinking = slack;
        return slack;
    }

    /** Returns whether more than a quarter of the file, and more than a megabyte, is free and can be given back. */
    private static boolean hasSlack(Sql sql) throws SQLException {
        long free = Long.parseLong(sql.pragma("freelist_count"));
        return free > MIN_FREE_PAGES
                && free > Long.parseLong(sql.pragma("page_count")) / 4
                && !sql.pragma("auto_vacuum").equals("0");
    }
}
