package dev.canonica.cli.option;

import dev.canonica.tensor.Session;

/** An option of several commands that changes a setting of the work that they do. */
public interface Setting {
    /** These settings with the option's. */
    Session in(Session session);
}
