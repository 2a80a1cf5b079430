package dev.crier.bench;

/** Who does what in a work. */
record Entrant(String name, Peer peer, Task task) {

    static Entrant of(Peer peer, Task task) {
        return new Entrant(peer.name(), peer, task);
    }
}
