// Reads a log directory with golang.org/x/mod/sumdb/{note,tlog}, which know nothing of this project, and says whether it holds.
//
//	tlog check DIR VKEY CHECKPOINT...   every checkpoint: signature, root from the entries, root from the tiles, consistency with all before
//	tlog receipt VKEY FILE              one .tlog-proof: record, entry, leaf, root, signature
//	tlog bench N                        appends N leaves in memory, with a tree hash every 1,000: a figure to compare with
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) >= 4 && args[0] == "check":
		return check(args[1], args[2], args[3:])
	case len(args) == 3 && args[0] == "receipt":
		return receipt(args[1], args[2])
	case len(args) == 2 && args[0] == "bench":
		return bench(args[1])
	}
	return errors.New("usage: tlog check DIR VKEY CHECKPOINT... | receipt VKEY FILE | bench N")
}

type hashStore map[int64]tlog.Hash

func (store hashStore) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hash, ok := store[index]
		if !ok {
			return nil, fmt.Errorf("no stored hash %d", index)
		}
		hashes[i] = hash
	}
	return hashes, nil
}

func check(dir, vkey string, files []string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	var trees []tlog.Tree
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		tree, err := openCheckpoint(text, verifier)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		trees = append(trees, tree)
	}
	sort.Slice(trees, func(i, j int) bool { return trees[i].N < trees[j].N })
	largest := trees[len(trees)-1].N
	store, err := storeOf(dir, largest)
	if err != nil {
		return err
	}
	for i, tree := range trees {
		if err := checkRoot(store, tree); err != nil {
			return err
		}
		for _, before := range trees[:i] {
			if err := checkConsistency(store, before, tree); err != nil {
				return err
			}
		}
	}
	newest := trees[len(trees)-1]
	if err := checkTiles(dir, newest, store); err != nil {
		return err
	}
	fmt.Printf("%d checkpoints, %d entries\n", len(trees), largest)
	return nil
}

func openCheckpoint(text []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// storeOf hashes every entry anew; tiles of hashes are not looked at.
func storeOf(dir string, size int64) (hashStore, error) {
	store := hashStore{}
	for first := int64(0); first < size; first += 256 {
		entries, err := readBundle(dir, first/256, min(256, size-first))
		if err != nil {
			return nil, err
		}
		for i, entry := range entries {
			index := first + int64(i)
			hashes, err := tlog.StoredHashes(index, entry, store)
			if err != nil {
				return nil, err
			}
			for level, hash := range hashes {
				store[tlog.StoredHashIndex(0, index)+int64(level)] = hash
			}
		}
	}
	return store, nil
}

func readBundle(dir string, n, width int64) ([][]byte, error) {
	bundle, err := readTile(dir, "entries", n, int(width))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(bundle) > 0 && int64(len(entries)) < width {
		length := int(binary.BigEndian.Uint16(bundle))
		entries = append(entries, bundle[2:2+length])
		bundle = bundle[2+length:]
	}
	if int64(len(entries)) != width {
		return nil, fmt.Errorf("bundle %d has %d entries of %d", n, len(entries), width)
	}
	return entries, nil
}

func readTile(dir, level string, n int64, width int) ([]byte, error) {
	path := filepath.Join(dir, "tile", level, tileNumber(n))
	if width < 256 {
		if bytes, err := os.ReadFile(fmt.Sprintf("%s.p/%d", path, width)); err == nil {
			return bytes, nil
		}
	}
	return os.ReadFile(path)
}

func tileNumber(n int64) string {
	text := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		text = fmt.Sprintf("x%03d/%s", n%1000, text)
	}
	return text
}

func checkRoot(store hashStore, tree tlog.Tree) error {
	root := tlog.Hash(sha256.Sum256(nil))
	var err error
	if tree.N > 0 {
		if root, err = tlog.TreeHash(tree.N, store); err != nil {
			return err
		}
	}
	if root != tree.Hash {
		return fmt.Errorf("size %d: the entries lead to %v, signed was %v", tree.N, root, tree.Hash)
	}
	return nil
}

func checkConsistency(store hashStore, before, after tlog.Tree) error {
	if before.N == 0 || before.N == after.N {
		return nil
	}
	proof, err := tlog.ProveTree(after.N, before.N, store)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, after.N, after.Hash, before.N, before.Hash)
}

// tileFiles gives the tiles of C2SP's layout to x/mod's reader, which checks them against the tree.
type tileFiles struct{ dir string }

func (files tileFiles) Height() int { return 8 }

func (files tileFiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		bytes, err := readTile(files.dir, strconv.Itoa(tile.L), tile.N, tile.W)
		if err != nil {
			return nil, err
		}
		if len(bytes) < tile.W*tlog.HashSize {
			return nil, fmt.Errorf("tile %d/%d is short", tile.L, tile.N)
		}
		data[i] = bytes[:tile.W*tlog.HashSize]
	}
	return data, nil
}

func (files tileFiles) SaveTiles([]tlog.Tile, [][]byte) {}

func checkTiles(dir string, tree tlog.Tree, store hashStore) error {
	if tree.N == 0 {
		return nil
	}
	reader := tlog.TileHashReader(tree, tileFiles{dir})
	for index := int64(0); index < tree.N; index += 1 + tree.N/200 {
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		if err != nil {
			return err
		}
		leaf := store[tlog.StoredHashIndex(0, index)]
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf); err != nil {
			return err
		}
	}
	return nil
}

func receipt(vkey, file string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, checkpoint, found := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a tlog-proof")
	}
	extra, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	var carried struct{ Entry, Record string }
	if err := json.Unmarshal(extra, &carried); err != nil {
		return err
	}
	var entry struct{ Commit string }
	if err := json.Unmarshal([]byte(carried.Entry), &entry); err != nil {
		return err
	}
	if sum := sha256.Sum256([]byte(carried.Record)); hex.EncodeToString(sum[:]) != entry.Commit {
		return errors.New("the record is not the one that the entry commits to")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := openCheckpoint(checkpoint, verifier)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash([]byte(carried.Entry)))
}

func bench(count string) error {
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil {
		return err
	}
	store := hashStore{}
	entry := []byte(`{"commit":"0000000000000000000000000000000000000000000000000000000000000000","seq":1000000,"source":"gateway-gw01","type":"call.intent","v":1}`)
	started := time.Now()
	for index := int64(0); index < n; index++ {
		hashes, err := tlog.StoredHashes(index, entry, store)
		if err != nil {
			return err
		}
		for level, hash := range hashes {
			store[tlog.StoredHashIndex(0, index)+int64(level)] = hash
		}
		if index%1000 == 999 {
			if _, err := tlog.TreeHash(index+1, store); err != nil {
				return err
			}
		}
	}
	fmt.Println(int64(float64(n) / time.Since(started).Seconds()))
	return nil
}
