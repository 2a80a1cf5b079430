package dev.crier.log.store;

import dev.crier.event.ChannelName;
import dev.crier.event.Publication;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** The receipts of recent publications, oldest first. Used by one thread at a time, except for {@link #bytes}. */
public final class Receipts {

    /** The number of receipts beyond which the oldest is dropped before its time. */
    public static final int MAX_RECEIPTS = 100_000;

    /** The number of ids beyond which the oldest receipt is dropped before its time. */
    public static final int MAX_IDS = 1_000_000;

    private record Key(ChannelName channel, String key) {}

    private final Map<Key, Receipt> receipts = new LinkedHashMap<>();
    private final LongAdder bytes = new LongAdder();
    private long ids;

    Receipts() {}

    /** Returns how many bytes of memory the receipt of the publication adds: none without a key, or if it replaces another. */
    public static long bytes(Publication publication) {
        Publication.Attempt attempt = publication.attempt();
        if (!attempt.isRepeatable() || attempt.isPart() && !attempt.isFirstPart()) {
            return 0;
        }
        int ids = attempt.isPart() ? 1 : publication.events().size();
        return HeapSize.ofReceipt(attempt.key(), attempt.digest(), ids);
    }

    Optional<Receipt> find(Publication publication) {
        return Optional.ofNullable(receipts.get(
                new Key(publication.channel(), publication.attempt().key())));
    }

    /** Adds a receipt as the newest. It replaces the one with the same key. */
    void add(Receipt receipt) {
        Key key = key(receipt);
        Receipt replaced = receipts.remove(key);
        if (replaced != null) {
            removed(replaced);
        }
        receipts.put(key, receipt);
        ids += receipt.ids().size();
        bytes.add(bytes(receipt));
    }

    void remove(Receipt receipt) {
        if (receipts.remove(key(receipt), receipt)) {
            removed(receipt);
        }
    }

    /** Drops receipts from before the time. */
    void dropBefore(long millis) {
        var oldest = receipts.values().iterator();
        while (oldest.hasNext()) {
            Receipt receipt = oldest.next();
            if (receipt.atMillis() >= millis) {
                return;
            }
            oldest.remove();
            removed(receipt);
        }
    }

    /** Drops the oldest receipts until no more are left than allowed. */
    void dropExcess() {
        var oldest = receipts.values().iterator();
        while (receipts.size() > MAX_RECEIPTS || ids > MAX_IDS) {
            Receipt receipt = oldest.next();
            oldest.remove();
            removed(receipt);
        }
    }

    /** Returns how many bytes of memory the receipts take. */
    public long bytes() {
        return bytes.sum();
    }

    private void removed(Receipt receipt) {
        ids -= receipt.ids().size();
        bytes.add(-bytes(receipt));
    }

    private static Key key(Receipt receipt) {
        return new Key(receipt.channel(), receipt.key());
    }

    private static long bytes(Receipt receipt) {
        return HeapSize.ofReceipt(receipt.key(), receipt.digest(), receipt.ids().size());
    }
}
