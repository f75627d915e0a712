package io.xsk.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.xsk.XskException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.NativeMemory;

/**
 * The file by which other processes find a map.
 */
final class MapPin {

	private MapPin() {
	}

	static void make(Kernel kernel, Path path, int mapFd) {
		BpfCommand.of(kernel, LinuxBpf.BPF_OBJ_PIN, "BPF_OBJ_PIN", "path=%s, map fd=%d".formatted(path, mapFd))
			.putAddress(LinuxBpf.OBJ_PATH, BpfObjects.path(kernel, path))
			.putInt(LinuxBpf.OBJ_FD, mapFd)
			.call((errno) -> PinErrors.pin(kernel, path, errno));
	}

	/** Delete a pin, unless it is one of another map, or gone. */
	static void delete(Kernel kernel, Path path, int mapId) {
		if (!isOf(kernel, path, mapId)) {
			return;
		}
		try {
			Files.deleteIfExists(path);
		}
		catch (IOException ex) {
			throw new XskException("The pinned map '%s' cannot be deleted: %s.".formatted(path, ex),
					"Remove it by hand: rm %s.".formatted(path), ex);
		}
	}

	private static boolean isOf(Kernel kernel, Path path, int mapId) {
		BpfCommand command = BpfObjects.openPinned(kernel, path);
		int result = command.tryCall();
		if (result == -Errno.ENOENT) {
			return false;
		}
		if (result < 0) {
			throw command.failure(-result, PinErrors.open(kernel, path, -result));
		}
		try (FileDescriptor pinned = FileDescriptor.own(kernel, result)) {
			NativeMemory info = BpfObjects.info(kernel, pinned.value(), LinuxBpf.MAP_INFO_SIZE);
			return BpfObjects.isXskMap(info) && BpfObjects.mapInfo(info).id() == mapId;
		}
	}

}
