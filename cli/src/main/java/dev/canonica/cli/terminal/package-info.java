/** What the command says and to whom: failures, progress and tables, and where the project's own files are. */
@NullMarked
package dev.canonica.cli.terminal;

import org.jspecify.annotations.NullMarked;
