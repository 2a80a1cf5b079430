package dev.crier.failures;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The channels that a subscriber follows. */
sealed interface Target {

    /** Returns the path and the query of a request for these channels. */
    String request();

    /** Returns whether a stream of these channels may have an event of the channel. */
    boolean has(String channel);

    /** A channel that keeps events. */
    record One(String channel) implements Target {

        @Override
        public String request() {
            return channel;
        }

        @Override
        public boolean has(String other) {
            return channel.equals(other);
        }

        @Override
        public String toString() {
            return channel;
        }
    }

    /** A channel that keeps the latest event. */
    record Latest(String channel) implements Target {

        @Override
        public String request() {
            return channel;
        }

        @Override
        public boolean has(String other) {
            return channel.equals(other);
        }

        @Override
        public String toString() {
            return channel;
        }
    }

    /**
     * Several channels over one connection.
     *
     * @param channels the channels of the run that keep events
     * @param latest the channel of the run that keeps the latest event
     * @param families whether the subscriber asks for the families of these channels, not for the channels by their names
     */
    record Several(List<String> channels, String latest, boolean families) implements Target {

        /** Returns the family of a channel, as {@link Cluster} declares it. */
        static String family(String channel) {
            return channel.substring(0, channel.lastIndexOf('/')) + "/:run";
        }

        @Override
        public String request() {
            return names().map(name -> "channel=" + name).collect(Collectors.joining("&", "/events?", ""));
        }

        private Stream<String> names() {
            var names = Stream.concat(channels.stream(), Stream.of(latest));
            return families ? names.map(Several::family) : names;
        }

        /** A gap may also name a family. */
        @Override
        public boolean has(String channel) {
            return names().anyMatch(name -> name.equals(families ? family(channel) : channel));
        }

        /** Returns whether the channel keeps the latest event. */
        boolean isLatest(String channel) {
            return family(channel).equals(family(latest));
        }

        @Override
        public String toString() {
            return names().collect(Collectors.joining(" + "));
        }
    }
}
