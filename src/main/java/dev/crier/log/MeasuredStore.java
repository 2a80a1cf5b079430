package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.metrics.ChannelMetrics;
import dev.crier.metrics.Metrics;
import io.netty.buffer.ByteBufUtil;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.LongSupplier;

/** A store of which it is measured how long it takes, and counted what it stores: before any reader sees it. */
public final class MeasuredStore implements Store {

    private final Store store;
    private final Metrics metrics;
    private final LongSupplier nanoTime;

    /** @param nanoTime a clock that never goes back */
    public MeasuredStore(Store store, Metrics metrics, LongSupplier nanoTime) {
        this.store = store;
        this.metrics = metrics;
        this.nanoTime = nanoTime;
    }

    @Override
    public Future<Void> append(List<Entry> entries, List<Receipt> receipts) {
        long begin = nanoTime.getAsLong();
        return store.append(entries, receipts).onComplete(done -> {
            metrics.appended(nanoTime.getAsLong() - begin, done.succeeded());
            if (done.succeeded()) {
                count(entries);
            }
        });
    }

    /** What is stored at once is mostly of few channels, one after the other. */
    private void count(List<Entry> entries) {
        ChannelName channel = null;
        ChannelMetrics counted = ChannelMetrics.NONE;
        for (Entry entry : entries) {
            if (!entry.channel().equals(channel)) {
                channel = entry.channel();
                counted = metrics.channel(channel.path());
            }
            counted.published(ByteBufUtil.utf8Bytes(entry.event().data()));
        }
    }

    @Override
    public long recentBytes() {
        return store.recentBytes();
    }

    @Override
    public Future<Opened> open(long nowMillis) {
        return store.open(nowMillis);
    }

    @Override
    public Future<Void> probe() {
        return store.probe();
    }

    @Override
    public Future<ReadResult> read(ChannelName channel, EventId after, EventId through, Requester requester) {
        return store.read(channel, after, through, requester);
    }

    @Override
    public Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
        return store.gap(channel, after, requester);
    }

    @Override
    public Future<Backup> backup() {
        return store.backup();
    }

    @Override
    public Future<Trimmed> trim(long nowMillis, long receiptsMillis, long wallAheadMillis, EventId settled) {
        return store.trim(nowMillis, receiptsMillis, wallAheadMillis, settled);
    }

    @Override
    public long fileBytes() {
        return store.fileBytes();
    }

    @Override
    public Future<Void> close() {
        return store.close();
    }
}
