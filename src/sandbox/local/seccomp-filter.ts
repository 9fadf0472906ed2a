import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Calls that only who administers a machine needs; several have been ways out of a container. By architecture. */
const DENIED = {
  x64: {
    acct: 163,
    add_key: 248,
    bpf: 321,
    clock_adjtime: 305,
    clock_settime: 227,
    create_module: 174,
    delete_module: 176,
    finit_module: 313,
    fsconfig: 431,
    fsmount: 432,
    fsopen: 430,
    fspick: 433,
    get_kernel_syms: 177,
    init_module: 175,
    io_uring_enter: 426,
    io_uring_register: 427,
    io_uring_setup: 425,
    ioperm: 173,
    iopl: 172,
    kexec_file_load: 320,
    kexec_load: 246,
    keyctl: 250,
    lookup_dcookie: 212,
    mount: 165,
    mount_setattr: 442,
    move_mount: 429,
    open_by_handle_at: 304,
    open_tree: 428,
    perf_event_open: 298,
    pivot_root: 155,
    query_module: 178,
    quotactl: 179,
    quotactl_fd: 443,
    reboot: 169,
    request_key: 249,
    setns: 308,
    settimeofday: 164,
    swapoff: 168,
    swapon: 167,
    sysfs: 139,
    umount2: 166,
    unshare: 272,
    uselib: 134,
    userfaultfd: 323,
    ustat: 136,
  },
  arm64: {
    acct: 89,
    add_key: 217,
    bpf: 280,
    clock_adjtime: 266,
    clock_settime: 112,
    delete_module: 106,
    finit_module: 273,
    fsconfig: 431,
    fsmount: 432,
    fsopen: 430,
    fspick: 433,
    init_module: 105,
    io_uring_enter: 426,
    io_uring_register: 427,
    io_uring_setup: 425,
    kexec_file_load: 294,
    kexec_load: 104,
    keyctl: 219,
    lookup_dcookie: 18,
    mount: 40,
    mount_setattr: 442,
    move_mount: 429,
    open_by_handle_at: 265,
    open_tree: 428,
    perf_event_open: 241,
    pivot_root: 41,
    quotactl: 60,
    quotactl_fd: 443,
    reboot: 142,
    request_key: 218,
    setns: 268,
    settimeofday: 170,
    swapoff: 225,
    swapon: 224,
    umount2: 39,
    unshare: 97,
    userfaultfd: 282,
  },
} as const;

const ARCHITECTURES = {
  x64: { audit: 0xc000003e, clone: 56, clone3: 435, denied: Object.values(DENIED.x64) },
  arm64: { audit: 0xc00000b7, clone: 220, clone3: 435, denied: Object.values(DENIED.arm64) },
} as const;

/** Every namespace that `clone` can make. */
const NEW_NAMESPACES = 0x7e020000;
/** Calls of the x32 ABI have this bit. */
const X32_BIT = 0x40000000;

const LOAD = 0x20;
const EQUALS = 0x15;
const AT_LEAST = 0x35;
const ANY_BIT = 0x45;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const FAIL = 0x00050000;
const EPERM = 1;
const ENOSYS = 38;

const OFFSET_OF_CALL = 0;
const OFFSET_OF_ARCHITECTURE = 4;
const OFFSET_OF_FIRST_ARGUMENT = 16;

/**
 * Writes the filter of system calls for local sandboxes, in the form that `bwrap --seccomp` reads. What Docker's default
 * profile keeps from containers is kept from these too; user namespaces above all.
 * @returns the file, or null on an architecture that has no list here
 */
export async function writeSeccompFilter(
  directory: string,
  architecture: string = process.arch,
): Promise<string | null> {
  const program = compileSeccompFilter(architecture);
  if (program === null) return null;
  const file = path.join(directory, 'seccomp.bpf');
  const fresh = `${file}.${process.pid}`;
  try {
    await writeFile(fresh, program, { mode: 0o600 });
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  return file;
}

/** The filter as `struct sock_filter[]`. */
export function compileSeccompFilter(architecture: string): Buffer | null {
  if (architecture !== 'x64' && architecture !== 'arm64') return null;
  const { audit, clone, clone3, denied } = ARCHITECTURES[architecture];
  const fail = (error: number): Instruction => [RETURN, 0, 0, FAIL | error];
  const program: Instruction[] = [
    [LOAD, 0, 0, OFFSET_OF_ARCHITECTURE],
    [EQUALS, 1, 0, audit],
    fail(EPERM),
    [LOAD, 0, 0, OFFSET_OF_CALL],
    ...(architecture === 'x64' ? ([[AT_LEAST, 0, 1, X32_BIT], fail(ENOSYS)] as Instruction[]) : []),
    // The flags of clone3 lie in memory, where a filter cannot see them; the C library falls back to clone.
    [EQUALS, 0, 1, clone3],
    fail(ENOSYS),
    ...denied.flatMap((call): Instruction[] => [[EQUALS, 0, 1, call], fail(EPERM)]),
    [EQUALS, 0, 3, clone],
    [LOAD, 0, 0, OFFSET_OF_FIRST_ARGUMENT],
    [ANY_BIT, 0, 1, NEW_NAMESPACES],
    fail(EPERM),
    [RETURN, 0, 0, ALLOW],
  ];
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, whenTrue, whenFalse, value]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(whenTrue, index * 8 + 2);
    bytes.writeUInt8(whenFalse, index * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, index * 8 + 4);
  }
  return bytes;
}

type Instruction = [code: number, whenTrue: number, whenFalse: number, value: number];
