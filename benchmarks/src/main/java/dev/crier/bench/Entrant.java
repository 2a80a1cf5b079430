package dev.crier.bench;

/**
 * Who does what in a work.
 *
 * @param apart whether server and load client have cores of their own
 */
record Entrant(String name, Peer peer, Task task, boolean apart) {

    Entrant(String name, Peer peer, Task task) {
        this(name, peer, task, false);
    }

    static Entrant of(Peer peer, Task task) {
        return new Entrant(peer.name(), peer, task);
    }

    static Entrant apart(Peer peer, Task task) {
        return new Entrant(peer.name(), peer, task, true);
    }
}
