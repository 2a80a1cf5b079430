package dev.crier.bench;

import dev.crier.bench.load.Task;
import dev.crier.bench.peer.Cores;
import dev.crier.bench.peer.Peer;

/**
 * A server in a workload, with the task that the load client performs on it.
 *
 * @param apart whether the server and the load client run on different cores
 */
record Participant(String name, Peer peer, Task task, boolean apart) {

    Participant(String name, Peer peer, Task task) {
        this(name, peer, task, false);
    }

    /** Returns a participant that has its peer's name and shares all cores with the load client. */
    static Participant of(Peer peer, Task task) {
        return new Participant(peer.name(), peer, task);
    }

    /** Returns a participant that has its peer's name and runs on other cores than the load client. */
    static Participant apart(Peer peer, Task task) {
        return apart(peer.name(), peer, task);
    }

    /** Returns a participant that runs on other cores than the load client. */
    static Participant apart(String name, Peer peer, Task task) {
        return new Participant(name, peer, task, true);
    }

    /** Returns the cores for the server. On a machine with a single core, the load client shares that core. */
    Cores serverCores() {
        return apart ? Cores.ALL.withoutLast() : Cores.ALL;
    }

    Cores clientCores() {
        return apart ? Cores.ALL.last() : Cores.ALL;
    }
}
