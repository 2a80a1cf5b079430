package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.NewestEvent;
import dev.crier.log.store.Store;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes the reports of the store to the parts of the event log. Only the log's context uses this class. */
final class LogListener implements Store.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);

    private final Supplier<RecentEntries> recent;
    private final StoreHealth health;
    private final Consumer<Set<ChannelName>> notification;

    /** @param recent returns the entries in memory, once the store is open */
    LogListener(Supplier<RecentEntries> recent, StoreHealth health, Consumer<Set<ChannelName>> notification) {
        this.recent = recent;
        this.health = health;
        this.notification = notification;
    }

    /** Makes entries readable, then notifies. A failed notification delays subscribers, and must not reach the store. */
    @Override
    public void show(List<Entry> entries) {
        recent.get().show(entries);
        var channels = new LinkedHashSet<ChannelName>();
        entries.forEach(entry -> channels.add(entry.channel()));
        try {
            notification.accept(channels);
        } catch (RuntimeException e) {
            LOG.error("Subscribers were not notified of new entries, and read them later", e);
        }
    }

    @Override
    public void forget(Collection<ChannelName> channels) {
        channels.forEach(recent.get().known()::remove);
    }

    @Override
    public void failed(Throwable cause) {
        health.reported(cause);
    }

    /** Sends no notification, because each event loop lets its subscribers read at its next periodic check. */
    @Override
    public void reopen(Store.Opened opened) {
        recent.get().reopen(opened);
    }

    @Override
    public List<Entry> latest() {
        return recent.get().latest();
    }

    @Override
    public Optional<NewestEvent> newest(ChannelName channel) {
        return recent.get().newest(channel).map(NewestEvent::of);
    }
}
