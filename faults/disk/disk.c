/*
 * A disk that lies, for one folder: LD_PRELOADed below a server, it writes down everything that is done to the files of
 * FAULTS_FOLDER, in order, into FAULTS_LOG, and fails what the byte in the file FAULTS_MODE tells it to.
 *
 * Log entries, little endian: u8 kind, u16 length of path, u64 offset, u32 length of data, path, data.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { CREATE = 1, WRITE, TRUNCATE, SYNC_BEGIN, SYNC_END, RENAME, UNLINK, SYNC_FOLDER };
enum { NORMAL = '0', SYNC_EIO = '1', WRITE_ENOSPC = '2', SYNC_SLOW = '3', READ_ONLY = '4', SYNC_HANGS = '5' };

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static size_t folder_length;
static int log_fd = -1;
static volatile const char *mode;

__attribute__((constructor)) static void start(void) {
  folder = getenv("FAULTS_FOLDER");
  if (!folder) return;
  folder_length = strlen(folder);
  int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  const char *path = getenv("FAULTS_LOG");
  if (path) log_fd = real_open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  path = getenv("FAULTS_MODE");
  if (!path) return;
  int fd = real_open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  void *map = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
  if (map != MAP_FAILED) mode = map;
}

static int is_ours(const char *path) {
  if (!folder || !path || strncmp(path, folder, folder_length) != 0) return 0;
  if (path[folder_length] != '/' && path[folder_length] != 0) return 0;
  size_t length = strlen(path);
  return !(length > 4 && strcmp(path + length - 4, "-shm") == 0);
}

/* The path of an open file if it is one of ours. */
static int find_path(int fd, char *path) {
  if (!folder) return 0;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, 4095);
  if (length <= 0) return 0;
  path[length] = 0;
  return is_ours(path);
}

static void record(int kind, const char *path, uint64_t offset, const void *data, uint32_t length) {
  if (log_fd < 0) return;
  ssize_t (*real_writev)(int, const struct iovec *, int) = dlsym(RTLD_NEXT, "writev");
  uint16_t path_length = (uint16_t)strlen(path);
  uint8_t head[15];
  head[0] = (uint8_t)kind;
  memcpy(head + 1, &path_length, 2);
  memcpy(head + 3, &offset, 8);
  memcpy(head + 11, &length, 4);
  struct iovec parts[3] = {{head, 15}, {(void *)path, path_length}, {(void *)data, length}};
  if (real_writev(log_fd, parts, 3) != (ssize_t)(15 + path_length + length)) abort();
}

static int is_mode(char wanted) { return mode && *mode == wanted; }

static int refuse_write(void) {
  if (is_mode(WRITE_ENOSPC)) errno = ENOSPC;
  else if (is_mode(READ_ONLY)) errno = EROFS;
  else return 0;
  return 1;
}

static ssize_t write_at(int fd, const char *path, const void *data, size_t length, off64_t offset) {
  if (refuse_write()) return -1;
  ssize_t (*real)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
  pthread_mutex_lock(&order);
  ssize_t written = real(fd, data, length, offset);
  if (written > 0) record(WRITE, path, (uint64_t)offset, data, (uint32_t)written);
  pthread_mutex_unlock(&order);
  return written;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
  char path[4096];
  if (find_path(fd, path)) return write_at(fd, path, data, length, offset);
  return REAL(pwrite64)(fd, data, length, offset);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
  return pwrite64(fd, data, length, offset);
}

ssize_t write(int fd, const void *data, size_t length) {
  char path[4096];
  if (!find_path(fd, path)) return REAL(write)(fd, data, length);
  int flags = fcntl(fd, F_GETFL);
  off64_t offset = flags & O_APPEND ? lseek64(fd, 0, SEEK_END) : lseek64(fd, 0, SEEK_CUR);
  ssize_t written = write_at(fd, path, data, length, offset);
  if (written > 0) lseek64(fd, offset + written, SEEK_SET);
  return written;
}

static int sync_with(int fd, const char *name) {
  int (*real)(int) = dlsym(RTLD_NEXT, name);
  char path[4096];
  if (!find_path(fd, path)) return real(fd);
  if (is_mode(SYNC_EIO)) {
    errno = EIO;
    return -1;
  }
  if (is_mode(SYNC_SLOW)) nanosleep(&(struct timespec){2, 0}, NULL);
  while (is_mode(SYNC_HANGS)) nanosleep(&(struct timespec){0, 10000000}, NULL);
  struct stat about;
  int is_folder = fstat(fd, &about) == 0 && S_ISDIR(about.st_mode);
  pthread_mutex_lock(&order);
  if (!is_folder) record(SYNC_BEGIN, path, 0, NULL, 0);
  pthread_mutex_unlock(&order);
  int result = real(fd);
  pthread_mutex_lock(&order);
  if (result == 0) record(is_folder ? SYNC_FOLDER : SYNC_END, path, 0, NULL, 0);
  pthread_mutex_unlock(&order);
  return result;
}

int fsync(int fd) { return sync_with(fd, "fsync"); }
int fdatasync(int fd) { return sync_with(fd, "fdatasync"); }

int ftruncate64(int fd, off64_t length) {
  char path[4096];
  int (*real)(int, off64_t) = dlsym(RTLD_NEXT, "ftruncate64");
  if (!find_path(fd, path)) return real(fd, length);
  if (refuse_write()) return -1;
  pthread_mutex_lock(&order);
  int result = real(fd, length);
  if (result == 0) record(TRUNCATE, path, (uint64_t)length, NULL, 0);
  pthread_mutex_unlock(&order);
  return result;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int open_with(const char *name, const char *path, int flags, mode_t permissions) {
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, name);
  if (!is_ours(path)) return real(path, flags, permissions);
  if (flags & O_CREAT && refuse_write() && access(path, F_OK) != 0) return -1;
  pthread_mutex_lock(&order);
  int is_new = flags & O_CREAT && access(path, F_OK) != 0;
  int fd = real(path, flags, permissions);
  if (fd >= 0 && is_new) record(CREATE, path, 0, NULL, 0);
  else if (fd >= 0 && flags & O_TRUNC) record(TRUNCATE, path, 0, NULL, 0);
  pthread_mutex_unlock(&order);
  return fd;
}

#define OPEN(name)                                                             \
  int name(const char *path, int flags, ...) {                                 \
    va_list rest;                                                              \
    va_start(rest, flags);                                                     \
    mode_t permissions = flags & O_CREAT ? va_arg(rest, mode_t) : 0;           \
    va_end(rest);                                                              \
    return open_with(#name, path, flags, permissions);                         \
  }
OPEN(open)
OPEN(open64)

int rename(const char *from, const char *to) {
  int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  if (!is_ours(from)) return real(from, to);
  pthread_mutex_lock(&order);
  int result = real(from, to);
  if (result == 0) record(RENAME, from, 0, to, (uint32_t)strlen(to));
  pthread_mutex_unlock(&order);
  return result;
}

int unlink(const char *path) {
  int (*real)(const char *) = dlsym(RTLD_NEXT, "unlink");
  if (!is_ours(path)) return real(path);
  pthread_mutex_lock(&order);
  int result = real(path);
  if (result == 0) record(UNLINK, path, 0, NULL, 0);
  pthread_mutex_unlock(&order);
  return result;
}
