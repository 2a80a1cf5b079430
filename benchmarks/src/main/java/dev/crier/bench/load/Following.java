package dev.crier.bench.load;

import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The channels that each subscriber follows. Only Crier has families as such, and subscribers of several channels. */
public enum Following {
    /** One channel, the same for all subscribers. */
    ONE,
    /** All channels of the family, by their names. */
    ALL,
    /** The one channel of all subscribers, and channels of the family that no other subscriber follows. */
    OWN,
    /** Channels of the family that are drawn at random for each subscriber, the same ones in each run. */
    DRAWN,
    /** The family as a whole. */
    FAMILY,
    /** One channel of the family, another one for each subscriber. Every server can do this. */
    EACH;

    /** Returns the target of the request of the subscriber with this number, from 0. */
    String target(Endpoint server, Task task, int subscriber) {
        int each = task.channelsEach();
        return switch (this) {
            case ONE -> server.subscribe();
            case ALL -> several(family(server, IntStream.range(0, task.channels())));
            case OWN ->
                several(Stream.concat(
                        Stream.of(server.subscribe()),
                        family(server, IntStream.range(subscriber * each, (subscriber + 1) * each))));
            case DRAWN ->
                several(family(
                        server,
                        new Random(subscriber)
                                .ints(0, task.channels())
                                .distinct()
                                .limit(each)));
            case FAMILY -> several(Stream.of(server.publish() + "/:id"));
            case EACH -> server.subscribe() + "/" + subscriber;
        };
    }

    private static Stream<String> family(Endpoint server, IntStream numbers) {
        return numbers.mapToObj(number -> server.publish() + "/" + number);
    }

    private static String several(Stream<String> channels) {
        return channels.collect(Collectors.joining("&channel=", "/events?channel=", ""));
    }
}
