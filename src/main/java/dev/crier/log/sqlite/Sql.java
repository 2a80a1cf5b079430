package dev.crier.log.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One connection to SQLite and the statements prepared on it, which one thread at a time uses. */
final class Sql implements AutoCloseable {

    /** Something that SQLite does. */
    interface Work {
        void run() throws SQLException;
    }

    /** How a row is read. */
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    Sql(Connection connection) {
        this.connection = connection;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /** All of the work or none. */
    void transact(Work work) throws SQLException {
        begin();
        try {
            work.run();
            execute("COMMIT");
        } catch (SQLException | RuntimeException e) {
            try {
                execute("ROLLBACK");
            } catch (SQLException again) {
                e.addSuppressed(again); // a full disk has already rolled back
            }
            throw e;
        }
    }

    /** A transaction that could not be rolled back, then, is so now. */
    private void begin() throws SQLException {
        try {
            execute("BEGIN IMMEDIATE");
        } catch (SQLException e) {
            if (!e.getMessage().contains("within a transaction")) {
                throw e;
            }
            execute("ROLLBACK");
            execute("BEGIN IMMEDIATE");
        }
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Returns the first column of the pragma's first row, or nothing. */
    String pragma(String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA " + name)) {
            return rows.next() ? rows.getString(1) : "";
        }
    }

    /** Runs a statement to its end; of one that works in steps, {@link #execute} would do only the first. */
    void executeAll(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    /** Answers how many rows it has changed. */
    int update(String sql, Object... values) throws SQLException {
        PreparedStatement statement = prepare(sql);
        bind(statement, values);
        return statement.executeUpdate();
    }

    <T> List<T> query(String sql, Row<T> row, Object... values) throws SQLException {
        PreparedStatement statement = prepare(sql);
        bind(statement, values);
        var read = new ArrayList<T>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                read.add(row.read(rows));
            }
        }
        return read;
    }

    PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        return statement;
    }

    static void bind(PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }
}
