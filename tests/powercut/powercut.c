/*
 * A disk that can lose its power, fill up, refuse to be written, and be slow: preloaded (LD_PRELOAD) into a program under
 * test, Linux only. kill -9 cannot show that an fsync is missing, because the system still writes what the program gave it;
 * this library remembers what no fsync has made safe, so that a test can take it back.
 *
 *   POWERCUT_FOLDER=DIR  the folder that is watched (absolute, no links in it). Without it only FSYNC_DELAY_US counts.
 *   POWERCUT_UNDO=DIR    where it is written down how to take back whatever is not yet safe; outside of POWERCUT_FOLDER.
 *   POWERCUT_FAULT=FILE  while this file holds a word, the disk has that trouble (read anew before each write):
 *                        full      files cannot grow, nothing can be created   ENOSPC
 *                        readonly  nothing can be written or created           EROFS
 *                        broken    fsync fails                                 EIO
 *   POWERCUT_DIE=N       the program is killed before its N-th change to the folder: a write, a name, an fsync.
 *   FSYNC_DELAY_US=N     every fsync and fdatasync of a file takes so many microseconds longer: a slow disk. Needs nothing
 *                        else, so a bench may use it alone.
 *
 * What is safe: the content of a file up to its last fsync or fdatasync; the names in a folder up to the fsync of that folder.
 * Nothing else is taken for safe, also where some file systems promise more. What is written through mmap is not seen
 * (SQLite's -shm, which is made anew after a start; whoever cuts the power removes it).
 *
 * POWERCUT_UNDO holds one file for each inode with something unsafe, called by its number. Its records, oldest first:
 *   struct record, then `bytes` of old content or of names
 * kinds: 'w' written: cut the file to `size`, then put the old bytes at `offset`
 *        'c' created: remove the name               'u' removed: the old file lies in POWERCUT_UNDO as `keep`
 *        'r' renamed: `name\0new name`, and what the new name was before lies in POWERCUT_UNDO as `keep` if `keep` is not 0
 *        'm' made a folder: remove it
 * A record whose end is missing was cut by the kill before the thing was done. An fsync empties the file of its inode.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The system's own function of a name. */
#define NEXT(name)                                                                                                     \
    __extension__({                                                                                                    \
        if (!real_##name)                                                                                              \
            *(void **)&real_##name = dlsym(RTLD_NEXT, #name);                                                          \
        real_##name;                                                                                                   \
    })

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_posix_fallocate)(int, off_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_rename)(const char *, const char *);
static int (*real_unlink)(const char *);
static int (*real_unlinkat)(int, const char *, int);
static int (*real_mkdir)(const char *, mode_t);
static int (*real_link)(const char *, const char *);

struct record {
    char kind;
    char pad[7];
    int64_t offset;
    int64_t size;
    uint64_t keep;
    uint64_t bytes;
};

static const char *setting(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* Whether a path lies in the watched folder. */
static int inside(const char *path) {
    const char *folder = setting("POWERCUT_FOLDER");
    size_t n;
    if (!folder || !setting("POWERCUT_UNDO"))
        return 0;
    n = strlen(folder);
    return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == 0);
}

/* The path made absolute, without following its last part. */
static int whole(int dir, const char *path, char *out) {
    char base[PATH_MAX], link[64];
    if (path[0] == '/')
        return snprintf(out, PATH_MAX, "%s", path) < PATH_MAX;
    if (dir == AT_FDCWD) {
        if (!getcwd(base, sizeof base))
            return 0;
    } else {
        ssize_t n;
        snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
        n = readlink(link, base, sizeof base - 1);
        if (n < 0)
            return 0;
        base[n] = 0;
    }
    return snprintf(out, PATH_MAX, "%s/%s", base, path) < PATH_MAX;
}

/* A regular file or folder that is watched; tells its state. */
static int watched(int fd, struct stat *st) {
    char link[64], path[PATH_MAX];
    ssize_t n;
    int kept = errno;
    if (!setting("POWERCUT_FOLDER") || fstat(fd, st) != 0 || !(S_ISREG(st->st_mode) || S_ISDIR(st->st_mode))) {
        errno = kept;
        return 0;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof path - 1);
    errno = kept;
    if (n < 0)
        return 0;
    path[n] = 0;
    /* Shared memory is no part of what must last. */
    if (n > 4 && strcmp(path + n - 4, "-shm") == 0)
        return 0;
    return inside(path);
}

/* The first letter of the trouble that the disk has, or 0. */
static char trouble(void) {
    const char *file = setting("POWERCUT_FAULT");
    char word = 0;
    int fd, kept = errno;
    if (!file)
        return 0;
    fd = NEXT(open)(file, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (read(fd, &word, 1) != 1)
            word = 0;
        close(fd);
    }
    errno = kept;
    return word;
}

/* Counts a change, and dies at the one that was asked for. */
static void counted(void) {
    static long count;
    const char *text = setting("POWERCUT_DIE");
    if (text && __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST) == atol(text))
        kill(getpid(), SIGKILL);
}

/* Opens the notes of an inode and holds them: writes and fsyncs of one file take turns, also between processes. */
static int notes(ino_t inode) {
    char path[PATH_MAX];
    int fd;
    counted();
    snprintf(path, sizeof path, "%s/%llu", getenv("POWERCUT_UNDO"), (unsigned long long)inode);
    fd = NEXT(open)(path, O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0) {
        fprintf(stderr, "powercut: %s: %s\n", path, strerror(errno));
        abort();
    }
    while (flock(fd, LOCK_EX) != 0 && errno == EINTR)
        ;
    return fd;
}

static void note(int notes, struct record *record, const void *bytes) {
    /* One write, so that a kill leaves a whole record or a cut one, never two mixed. */
    struct iovec parts[2] = {{record, sizeof *record}, {(void *)bytes, record->bytes}};
    if (NEXT(writev)(notes, parts, record->bytes ? 2 : 1) != (ssize_t)(sizeof *record + record->bytes)) {
        fprintf(stderr, "powercut: the notes cannot be written: %s\n", strerror(errno));
        abort();
    }
}

/* Writes down what a piece of a file was, before it is written over; the caller closes the notes afterwards. */
static int before(int fd, const struct stat *st, off_t offset, size_t length) {
    int mine = notes(st->st_ino), again;
    struct stat now;
    struct record record = {.kind = 'w', .offset = offset};
    char link[64], *old = NULL;
    fstat(fd, &now);
    record.size = now.st_size;
    if (offset < now.st_size) {
        size_t most = (size_t)(now.st_size - offset);
        ssize_t got = 0, n;
        if (length < most)
            most = length;
        old = malloc(most ? most : 1);
        /* The file may be open for writing only. */
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        again = NEXT(open)(link, O_RDONLY | O_CLOEXEC);
        while (old && (size_t)got < most && (n = pread(again, old + got, most - got, offset + got)) > 0)
            got += n;
        if (again >= 0)
            close(again);
        record.bytes = got;
    }
    note(mine, &record, old);
    free(old);
    return mine;
}

/* The trouble that a write of this piece meets: an errno, or 0. */
static int forbidden(const struct stat *st, off_t end) {
    switch (trouble()) {
    case 'r':
        return EROFS;
    case 'f':
        return end > st->st_size ? ENOSPC : 0;
    }
    return 0;
}

static off_t place(int fd, const struct stat *st) {
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_APPEND) ? st->st_size : lseek(fd, 0, SEEK_CUR);
}

static size_t sum(const struct iovec *parts, int count) {
    size_t all = 0;
    for (int i = 0; i < count; i++)
        all += parts[i].iov_len;
    return all;
}

#define GUARDED(type, at, length, call)                                                                                \
    do {                                                                                                               \
        struct stat st;                                                                                                \
        if (!watched(fd, &st))                                                                                         \
            return call;                                                                                               \
        off_t from = (at);                                                                                             \
        int no = forbidden(&st, from + (off_t)(length));                                                               \
        if (no) {                                                                                                      \
            errno = no;                                                                                                \
            return -1;                                                                                                 \
        }                                                                                                              \
        int mine = before(fd, &st, from, (length));                                                                    \
        type done = call;                                                                                              \
        int kept = errno;                                                                                              \
        close(mine);                                                                                                   \
        errno = kept;                                                                                                  \
        return done;                                                                                                   \
    } while (0)

ssize_t write(int fd, const void *bytes, size_t length) {
    GUARDED(ssize_t, place(fd, &st), length, NEXT(write)(fd, bytes, length));
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    GUARDED(ssize_t, offset, length, NEXT(pwrite)(fd, bytes, length, offset));
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    return pwrite(fd, bytes, length, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    GUARDED(ssize_t, place(fd, &st), sum(parts, count), NEXT(writev)(fd, parts, count));
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    GUARDED(ssize_t, offset, sum(parts, count), NEXT(pwritev)(fd, parts, count, offset));
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
    return pwritev(fd, parts, count, offset);
}

int ftruncate(int fd, off_t length) {
    /* What lies behind the new end is lost and must come back. */
    GUARDED(int, length, st.st_size > length ? (size_t)(st.st_size - length) : 0, NEXT(ftruncate)(fd, length));
}

int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

int posix_fallocate(int fd, off_t offset, off_t length) {
    struct stat st;
    int mine, done, no;
    if (!watched(fd, &st))
        return NEXT(posix_fallocate)(fd, offset, length);
    if ((no = forbidden(&st, offset + length)))
        return no;
    mine = before(fd, &st, offset, 0);
    done = NEXT(posix_fallocate)(fd, offset, length);
    close(mine);
    return done;
}

int posix_fallocate64(int fd, off64_t offset, off64_t length) { return posix_fallocate(fd, offset, length); }

static void slowly(void) {
    const char *text = setting("FSYNC_DELAY_US");
    long us = text ? atol(text) : 0;
    if (us > 0) {
        struct timespec span = {us / 1000000, (us % 1000000) * 1000};
        nanosleep(&span, NULL);
    }
}

static int synced(int fd, int (*real)(int)) {
    struct stat st;
    int mine, done, kept;
    slowly();
    if (!watched(fd, &st))
        return real(fd);
    if (trouble() == 'b') {
        errno = EIO;
        return -1;
    }
    mine = notes(st.st_ino);
    done = real(fd);
    kept = errno;
    if (done == 0 && NEXT(ftruncate)(mine, 0) != 0)
        abort();
    close(mine);
    errno = kept;
    return done;
}

int fsync(int fd) { return synced(fd, NEXT(fsync)); }

int fdatasync(int fd) { return synced(fd, NEXT(fdatasync)); }

/* The number of the folder in which a path lies, or 0. */
static ino_t above(const char *path) {
    char folder[PATH_MAX], *slash;
    struct stat st;
    snprintf(folder, sizeof folder, "%s", path);
    slash = strrchr(folder, '/');
    if (!slash)
        return 0;
    *(slash == folder ? slash + 1 : slash) = 0;
    return stat(folder, &st) == 0 ? st.st_ino : 0;
}

/* Keeps what a name stands for under a number, so that its inode lives on; 0 when there is nothing. */
static uint64_t keep(const char *path) {
    static uint64_t last;
    char to[PATH_MAX];
    struct timespec now;
    struct stat st;
    uint64_t number;
    if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    number = ((uint64_t)now.tv_sec * 1000000000u + now.tv_nsec) * 64 + __atomic_add_fetch(&last, 1, __ATOMIC_SEQ_CST) % 64;
    snprintf(to, sizeof to, "%s/keep.%llu", getenv("POWERCUT_UNDO"), (unsigned long long)number);
    if (NEXT(link)(path, to) != 0) {
        fprintf(stderr, "powercut: %s: %s\n", to, strerror(errno));
        abort();
    }
    return number;
}

static int named(char kind, const char *path, uint64_t kept, const char *names, size_t length) {
    struct record record = {.kind = kind, .keep = kept, .bytes = length};
    int mine = notes(above(path));
    note(mine, &record, names);
    return mine;
}

static int made(int dir, const char *path, int flags, mode_t mode) {
    char full[PATH_MAX];
    struct stat st;
    int mine = -1, fd, kept;
    if (!(flags & (O_CREAT | O_TRUNC)) || !whole(dir, path, full) || !inside(full))
        return NEXT(openat)(dir, path, flags, mode);
    if (stat(full, &st) != 0) {
        if ((flags & O_CREAT) && (trouble() == 'f' || trouble() == 'r')) {
            errno = trouble() == 'f' ? ENOSPC : EROFS;
            return -1;
        }
        if (flags & O_CREAT)
            mine = named('c', full, 0, strrchr(full, '/') + 1, strlen(strrchr(full, '/')));
    } else if ((flags & O_ACCMODE) != O_RDONLY && trouble() == 'r') {
        errno = EROFS;
        return -1;
    }
    fd = NEXT(openat)(dir, path, mine < 0 ? flags & ~O_TRUNC : flags, mode);
    kept = errno;
    if (mine >= 0) {
        /* The number of a file that is gone may have been given again. */
        if (fd >= 0 && fstat(fd, &st) == 0) {
            int old = notes(st.st_ino);
            if (NEXT(ftruncate)(old, 0) != 0)
                abort();
            close(old);
        }
        close(mine);
    } else if (fd >= 0 && (flags & O_TRUNC)) {
        if (ftruncate(fd, 0) != 0)
            kept = errno;
    }
    errno = kept;
    return fd;
}

#define MODE                                                                                                           \
    mode_t mode = 0;                                                                                                   \
    if (flags & (O_CREAT | __O_TMPFILE)) {                                                                             \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        mode = va_arg(more, mode_t);                                                                                   \
        va_end(more);                                                                                                  \
    }

int open(const char *path, int flags, ...) {
    MODE return made(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE return made(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

int openat(int dir, const char *path, int flags, ...) {
    MODE return made(dir, path, flags, mode);
}

int openat64(int dir, const char *path, int flags, ...) {
    MODE return made(dir, path, flags | O_LARGEFILE, mode);
}

int creat(const char *path, mode_t mode) { return made(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int rename(const char *from, const char *to) {
    char a[PATH_MAX], b[PATH_MAX], *names;
    int mine, done, kept;
    size_t length;
    if (!whole(AT_FDCWD, from, a) || !whole(AT_FDCWD, to, b) || !inside(a) || !inside(b))
        return NEXT(rename)(from, to);
    if (trouble() == 'r') {
        errno = EROFS;
        return -1;
    }
    length = strlen(a) + strlen(b) + 2;
    names = malloc(length);
    memcpy(names, a, strlen(a) + 1);
    memcpy(names + strlen(a) + 1, b, strlen(b) + 1);
    mine = named('r', b, keep(b), names, length);
    free(names);
    done = NEXT(rename)(from, to);
    kept = errno;
    close(mine);
    errno = kept;
    return done;
}

static int removed(const char *full) {
    const char *name = strrchr(full, '/') + 1;
    return named('u', full, keep(full), name, strlen(name) + 1);
}

int unlink(const char *path) {
    char full[PATH_MAX];
    int mine, done, kept;
    struct stat st;
    if (!whole(AT_FDCWD, path, full) || !inside(full) || lstat(full, &st) != 0 || !S_ISREG(st.st_mode))
        return NEXT(unlink)(path);
    if (trouble() == 'r') {
        errno = EROFS;
        return -1;
    }
    mine = removed(full);
    done = NEXT(unlink)(path);
    kept = errno;
    close(mine);
    errno = kept;
    return done;
}

int unlinkat(int dir, const char *path, int flags) {
    char full[PATH_MAX];
    if ((flags & AT_REMOVEDIR) || !whole(dir, path, full) || !inside(full))
        return NEXT(unlinkat)(dir, path, flags);
    return unlink(full);
}

int mkdir(const char *path, mode_t mode) {
    char full[PATH_MAX];
    struct stat st;
    int mine, done, kept;
    if (!whole(AT_FDCWD, path, full) || !inside(full) || stat(full, &st) == 0)
        return NEXT(mkdir)(path, mode);
    if (trouble() == 'f' || trouble() == 'r') {
        errno = trouble() == 'f' ? ENOSPC : EROFS;
        return -1;
    }
    mine = named('m', full, 0, strrchr(full, '/') + 1, strlen(strrchr(full, '/')));
    done = NEXT(mkdir)(path, mode);
    kept = errno;
    close(mine);
    errno = kept;
    return done;
}
