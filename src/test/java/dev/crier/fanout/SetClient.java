package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.ChannelSet;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.event.StartAt;
import dev.crier.testing.StreamParser;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A client of several channels, and what it has received over all its connections. */
final class SetClient {

    /** An event that was published. Its data begins with its index among all events. */
    record Published(EventId id, ChannelName channel) {}

    /** The type of a block that stands for a restart of Crier. */
    private static final String RESTART = "restart";

    /** A block that the client has received, or a restart. Its name is the channel, or empty for a start. */
    private record Block(String type, EventId position, String name, String data) {}

    final ChannelSet set;
    TestConnection connection;
    Subscriber subscriber;
    private final boolean earliest;
    private final List<Block> blocks = new ArrayList<>();
    private String lastEventId = "";

    /** @param earliest whether the client begins with the earliest events */
    SetClient(ChannelSet set, boolean earliest) {
        this.set = set;
        this.earliest = earliest;
    }

    StartAt start() {
        if (lastEventId.isEmpty()) {
            return earliest ? new StartAt.Earliest() : new StartAt.Now();
        }
        return new StartAt.After(position(lastEventId), lastEventId.split(" ")[0]);
    }

    private static EventId position(String id) {
        return EventId.parse(id.split(" ")[0]).orElseThrow();
    }

    /** Receives all bytes of the connection, or as many as the random number says. The others are lost with it. */
    void receive(Random random) {
        var stream = Buffer.buffer();
        connection.written.forEach(stream::appendBuffer);
        int length = random == null || random.nextBoolean() ? stream.length() : random.nextInt(stream.length() + 1);
        String text = stream.getString(0, length);
        for (StreamParser.Fired fired : StreamParser.parse(text)) {
            String[] id = fired.lastEventId().split(" ");
            String channel = fired.type().equals("crier.gap")
                    ? new JsonObject(fired.data()).getString("channel") // a gap may have no id of its own
                    : id.length > 1 ? id[1] : "";
            blocks.add(new Block(
                    fired.type(), position(id[0]), channel, fired.data().trim()));
        }
        String last = StreamParser.lastEventId(text);
        lastEventId = last.isEmpty() ? lastEventId : last;
    }

    /**
     * Records that Crier restarts. It may then have events again that it had dropped from memory, and not yet from its store, and
     * of which the client has been told that they are missing.
     */
    void restarted() {
        if (!lastEventId.isEmpty()) {
            blocks.add(new Block(RESTART, position(lastEventId), "", ""));
        }
    }

    /** Returns the id of the last of these events that the client must receive. */
    EventId lastOf(List<Published> published) {
        return published.stream()
                .filter(event -> set.contains(event.channel()))
                .reduce((one, other) -> other)
                .orElseThrow()
                .id();
    }

    /** Returns what is missing, repeated or out of order, one sentence each. */
    List<String> faults(List<Published> published) {
        var faults = new ArrayList<String>();
        EventId position = EventId.FIRST;
        EventId started = null;
        for (Block block : blocks) {
            boolean rises = position.isBefore(block.position());
            switch (block.type()) {
                case "crier.start" -> {
                    if (started != null && !block.position().equals(position)) {
                        faults.add("the stream after " + position + " begins at " + block.position());
                    }
                    started = started == null ? block.position() : started;
                }
                case "message" -> {
                    Published event = published.get(Integer.parseInt(block.data()));
                    if (!rises
                            || !event.id().equals(block.position())
                            || !event.channel().path().equals(block.name())
                            || !set.contains(event.channel())) {
                        faults.add(block + " after " + position + " is " + event);
                    }
                }
                default -> {
                    if (block.position().isBefore(position)) {
                        faults.add(block + " after " + position);
                    }
                }
            }
            position = block.position();
        }
        if (started == null) {
            faults.add("no start: " + blocks);
            return faults;
        }
        for (ChannelName channel :
                published.stream().map(Published::channel).distinct().toList()) {
            if (set.contains(channel)) {
                check(channel, started, published, faults);
            }
        }
        return faults;
    }

    /** Checks that a gap of the channel comes where events of it are missing, and nowhere else. */
    private void check(ChannelName channel, EventId started, List<Published> published, List<String> faults) {
        var expected = published.stream()
                .filter(event -> event.channel().equals(channel) && started.isBefore(event.id()))
                .map(Published::id)
                .toList();
        boolean latest = SetScheduleTest.retention(channel).orElseThrow() instanceof Retention.Latest;
        boolean gap = earliest; // the earliest events may be later ones
        boolean named = false;
        int next = 0;
        for (Block block : blocks) {
            if (block.type().equals(RESTART)) {
                named = false;
            } else if (block.type().equals("crier.gap")) {
                named |= block.name().equals(channel.path());
                gap |= block.name().equals(channel.path())
                        || set.families().stream().anyMatch(family -> isGap(family, channel, block));
            } else if (block.name().equals(channel.path()) && started.isBefore(block.position())) {
                int index = expected.indexOf(block.position());
                if (index < next || index > next && !gap && !latest) {
                    faults.add(block + " comes as number " + index + " of its channel, not " + next);
                } else if (index == next && named) {
                    faults.add(block + " comes after a gap, and nothing is missing");
                }
                next = index + 1;
                gap = false;
                named = false;
            }
        }
        if (next < expected.size()) {
            faults.add(expected.get(next) + " of " + channel + " is missing at the end");
        }
    }

    private static boolean isGap(ChannelPattern family, ChannelName channel, Block block) {
        return family.matches(channel) && block.name().equals(family.path());
    }
}
