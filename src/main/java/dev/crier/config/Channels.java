package dev.crier.config;

import dev.crier.config.file.Section;
import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.PatternTree;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The channels and families that the configuration declares. No two patterns match the same channel. */
public final class Channels {

    private final Map<ChannelPattern, ChannelConf> declared;
    private final PatternTree families = new PatternTree();

    Channels(Map<ChannelPattern, ChannelConf> declared) {
        this.declared = Map.copyOf(declared);
        declared.keySet().stream().filter(ChannelPattern::isFamily).forEach(families::add);
    }

    static Channels read(Section section, Webroot webroot, Map<String, Consumer<Section>> validators) {
        var declared = new LinkedHashMap<ChannelPattern, ChannelConf>();
        var patterns = new PatternTree();
        var files = new PatternTree();
        webroot.files().map(ChannelName::new).map(ChannelPattern::new).forEach(files::add);
        for (String path : section.names()) {
            if (!ChannelName.isValid(path)) {
                section.report(path, "not a channel", ChannelPattern.EXPECTED);
                continue;
            }
            var pattern = new ChannelPattern(new ChannelName(path));
            patterns.overlapping(pattern)
                    .forEach(other -> section.report(
                            path, "overlaps " + other, "a pattern that matches none of the other's channels"));
            files.overlapping(pattern)
                    .forEach(file -> section.report(
                            path, "overlaps the file " + file, "a path that is not a file of the webroot"));
            patterns.add(pattern);
            declared.put(pattern, ChannelConf.read(section.section(path), pattern, validators));
        }
        return new Channels(declared);
    }

    public Map<ChannelPattern, ChannelConf> declared() {
        return declared;
    }

    /** Returns the declaration of a channel, or of its family. Returns nothing for the name of a family. */
    public Optional<ChannelConf> findChannel(ChannelName name) {
        return name.hasParameter() ? Optional.empty() : find(name);
    }

    /** Returns the declaration of the channel, or of its family. The name of a family finds that family. */
    public Optional<ChannelConf> find(ChannelName name) {
        return declaration(name).map(declared::get);
    }

    /** Returns the pattern that declares the channel: its own name, or its family. */
    public Optional<ChannelPattern> declaration(ChannelName name) {
        var exact = new ChannelPattern(name);
        if (declared.containsKey(exact)) {
            return Optional.of(exact);
        }
        return families.find(name);
    }

    /** Returns the channels that are declared by their names, without families. */
    public Set<ChannelName> named() {
        return declared.keySet().stream()
                .filter(pattern -> !pattern.isFamily())
                .map(ChannelPattern::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Returns whether any channel requires a token of its subscribers. */
    boolean anyRequiresToken() {
        return declared.values().stream().anyMatch(ChannelConf::requiresToken);
    }

    /** Returns whether any channel accepts publications over HTTP. */
    public boolean anyAcceptsPublications() {
        return declared.values().stream().anyMatch(ChannelConf::publish);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Channels that && declared.equals(that.declared);
    }

    @Override
    public int hashCode() {
        return declared.hashCode();
    }

    @Override
    public String toString() {
        return declared.toString();
    }
}
