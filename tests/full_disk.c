/* A disk that has no room while a certain file is there: preloaded into whatever writes to it.
 *
 * FULL_DISK_ROOT is the folder that the disk is mounted on, so to speak, FULL_DISK_WHILE the file. Where it is there, no
 * file under the folder can grow: what would make it longer fails with ENOSPC, what writes over what is there succeeds.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *root, *flag;

/* Kept apart: a server may write its title over its environment. */
static const char *learnt(const char *name)
{
    const char *value = getenv(name);
    return value ? strdup(value) : NULL;
}

__attribute__((constructor)) static void learn(void)
{
    root = learnt("FULL_DISK_ROOT");
    flag = learnt("FULL_DISK_WHILE");
}

static int refused(int fd, off_t at, off_t count)
{
    char link[64], path[4096];
    struct stat found;
    int before = errno;
    if (!root || !flag || access(flag, F_OK)) {
        errno = before;
        return 0;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path);
    int here = length >= (ssize_t)strlen(root) && !memcmp(path, root, strlen(root));
    if (!here || fstat(fd, &found) || !S_ISREG(found.st_mode) || at + count <= found.st_size) {
        errno = before;
        return 0;
    }
    errno = ENOSPC;
    return 1;
}

static off_t place_of(int fd)
{
    struct stat found;
    if (fcntl(fd, F_GETFL) & O_APPEND && !fstat(fd, &found))
        return found.st_size;
    off_t at = lseek(fd, 0, SEEK_CUR);
    return at < 0 ? 0 : at;
}

static off_t sum(const struct iovec *parts, int count)
{
    off_t whole = 0;
    for (int each = 0; each < count; each++)
        whole += parts[each].iov_len;
    return whole;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t count)
{
    return refused(fd, place_of(fd), count) ? -1 : REAL(write)(fd, data, count);
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t at)
{
    return refused(fd, at, count) ? -1 : REAL(pwrite)(fd, data, count, at);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t at)
{
    return refused(fd, at, count) ? -1 : REAL(pwrite64)(fd, data, count, at);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    return refused(fd, at, sum(parts, count)) ? -1 : REAL(pwritev)(fd, parts, count, at);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at)
{
    return refused(fd, at, sum(parts, count)) ? -1 : REAL(pwritev64)(fd, parts, count, at);
}

int posix_fallocate(int fd, off_t at, off_t count)
{
    return refused(fd, at, count) ? ENOSPC : REAL(posix_fallocate)(fd, at, count);
}

int posix_fallocate64(int fd, off64_t at, off64_t count)
{
    return refused(fd, at, count) ? ENOSPC : REAL(posix_fallocate64)(fd, at, count);
}
