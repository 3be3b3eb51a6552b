import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.atomic.AtomicInteger;

/** Java's own provider of sockets, and a count of them: HttpClient tells of no connection. */
public final class Sockets extends SelectorProvider {
    static final AtomicInteger opened = new AtomicInteger();

    private final SelectorProvider own = sun.nio.ch.DefaultSelectorProvider.get();

    @Override
    public SocketChannel openSocketChannel() throws IOException {
        opened.incrementAndGet();
        return own.openSocketChannel();
    }

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
        return own.openDatagramChannel();
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
        return own.openDatagramChannel(family);
    }

    @Override
    public Pipe openPipe() throws IOException {
        return own.openPipe();
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
        return own.openSelector();
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
        return own.openServerSocketChannel();
    }
}
