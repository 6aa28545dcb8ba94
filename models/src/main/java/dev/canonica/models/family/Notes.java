package dev.canonica.models.family;

import dev.canonica.tensor.CanonicaException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is to be said of how a model's files were read, said wherever one is read, and once in a process. */
final class Notes {
    private static final Logger LOG = LoggerFactory.getLogger("dev.canonica.models");
    /** Far more than any process reads models; what comes after is said again. */
    private static final int MOST = 10_000;

    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

    private Notes() {}

    static void say(List<String> notes) {
        for (String note : notes) {
            if (SAID.size() >= MOST || SAID.add(note)) {
                LOG.warn("{}", CanonicaException.shown(note));
            }
        }
    }
}
