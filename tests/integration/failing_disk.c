/* A disk that fails on command: preloaded into sshd, it spoils the k-th call on a file named `*.part`.
 *
 * FAULT is `<call> <k> <errno>`. Calls: `write`, `fsync` and `close` fail with the errno; `spoil` writes another first
 * byte and `swallow` writes nothing, and both report success. `room` says that the disk has a thousand blocks left.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static char wanted[16];
static int k, code, calls;

/* Read at the start: sshd gives a session an environment of its own. */
__attribute__((constructor)) static void learn(void)
{
    const char *fault = getenv("FAULT");
    if (!fault || sscanf(fault, "%15s %d %d", wanted, &k, &code) != 3)
        wanted[0] = 0;
}

/* Regular files are asked for first: before the log-in sshd may not make other system calls than it must. */
static int strikes(const char *call, int fd)
{
    char link[64], path[512];
    struct stat found;
    if (strcmp(call, wanted) || fstat(fd, &found) || !S_ISREG(found.st_mode))
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path);
    if (length < 5 || memcmp(path + length - 5, ".part", 5) || ++calls != k)
        return 0;
    errno = code;
    return 1;
}

ssize_t write(int fd, const void *data, size_t count)
{
    ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    if (strikes("write", fd))
        return -1;
    if (strikes("swallow", fd))
        return count;
    if (strikes("spoil", fd) && count) {
        char first = *(const char *)data ^ 1;
        if (real(fd, &first, 1) != 1)
            return -1;
        ssize_t rest = real(fd, (const char *)data + 1, count - 1);
        return rest < 0 ? rest : rest + 1;
    }
    return real(fd, data, count);
}

int fsync(int fd)
{
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    return strikes("fsync", fd) ? -1 : real(fd);
}

int close(int fd)
{
    int (*real)(int) = dlsym(RTLD_NEXT, "close");
    int struck = strikes("close", fd);
    int code = errno;
    int closed = real(fd);
    if (struck)
        errno = code;
    return struck ? -1 : closed;
}

int statvfs(const char *path, struct statvfs *found)
{
    int (*real)(const char *, struct statvfs *) = dlsym(RTLD_NEXT, "statvfs");
    int told = real(path, found);
    if (!told && !strcmp("room", wanted) && ++calls == k)
        found->f_bavail = 1000;
    return told;
}
