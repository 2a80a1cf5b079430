package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.log.EventLog;
import dev.crier.log.store.ReadResult;
import java.util.List;

/**
 * What a subscriber gets of a channel that can be ended.
 *
 * @param endsStream whether the stream ends after these entries, because the channel has ended
 */
record UpToEnd(ReadResult.Entries read, boolean endsStream) {

    /**
     * Returns the entries up to the end of the channel. Others may follow if retention has dropped the end, but not from memory
     * yet.
     *
     * <p>A subscriber may have got the end from another node, and resume after it before this node has shown it. It then gets
     * no entry, and the end of its stream.
     *
     * @param position the position of the read
     */
    static UpToEnd of(ReadResult.Entries read, ChannelName channel, EventId position, EventLog log) {
        List<Entry> entries = read.entries();
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).event().isEnd()) {
                EventId end = entries.get(i).id();
                return new UpToEnd(new ReadResult.Entries(entries.subList(0, i + 1), end, false), true);
            }
        }
        boolean isAfterEnd = entries.isEmpty()
                && log.recentEnd(channel)
                        .filter(end -> !position.isBefore(end.id()))
                        .isPresent();
        return new UpToEnd(read, isAfterEnd);
    }
}
