package dev.crier.event;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Channel patterns as a tree of their segments, so that a lookup among thousands of patterns is as fast as among a
 * few. Thread-safe once all patterns are added.
 */
public final class PatternTree {

    private static final class Node {

        private final Map<String, Node> literals = new HashMap<>();
        private Node parameter;
        private ChannelPattern pattern;
    }

    private final Node root = new Node();

    public void add(ChannelPattern pattern) {
        Node node = root;
        for (String segment : segments(pattern.name())) {
            if (!isParameter(segment)) {
                node = node.literals.computeIfAbsent(segment, added -> new Node());
            } else {
                if (node.parameter == null) {
                    node.parameter = new Node();
                }
                node = node.parameter;
            }
        }
        node.pattern = pattern;
    }

    /** Returns a pattern that matches the channel. Prefers literal segments, from the first on. */
    public Optional<ChannelPattern> find(ChannelName channel) {
        return Optional.ofNullable(find(root, segments(channel), 0));
    }

    private static ChannelPattern find(Node node, String[] segments, int depth) {
        if (node == null || depth == segments.length) {
            return node == null ? null : node.pattern;
        }
        ChannelPattern found = find(node.literals.get(segments[depth]), segments, depth + 1);
        return found != null ? found : find(node.parameter, segments, depth + 1);
    }

    /** Returns the patterns that match some channel that this pattern matches too. */
    public List<ChannelPattern> overlapping(ChannelPattern pattern) {
        var found = new ArrayList<ChannelPattern>();
        collect(root, segments(pattern.name()), 0, found);
        return found;
    }

    private static void collect(Node node, String[] segments, int depth, Collection<ChannelPattern> found) {
        if (node == null) {
            return;
        }
        if (depth == segments.length) {
            if (node.pattern != null) {
                found.add(node.pattern);
            }
            return;
        }
        if (isParameter(segments[depth])) {
            node.literals.values().forEach(child -> collect(child, segments, depth + 1, found));
        } else {
            collect(node.literals.get(segments[depth]), segments, depth + 1, found);
        }
        collect(node.parameter, segments, depth + 1, found);
    }

    private static boolean isParameter(String segment) {
        return segment.startsWith(":");
    }

    private static String[] segments(ChannelName name) {
        return name.path().substring(1).split("/");
    }
}
