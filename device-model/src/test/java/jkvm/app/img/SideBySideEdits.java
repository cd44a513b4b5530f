package jkvm.app.img;

import java.util.ArrayList;
import java.util.List;

/** Command lines that change images, on copies of the images of {@link SideBySideCases}. */
final class SideBySideEdits {
    /** Makes more images. */
    static final String SCRIPT = """
            q -f qcow2 zeros 16M; w zeros 'write -P 1 0 1M' 'write -z 0 128k' 'write -z 2M 128k'
            cp zeros zsnap; qemu-img snapshot -c a zsnap; w zsnap 'write -P 3 0 64k'
            q -f qcow2 -b k -F qcow2 zover 16M; w zover 'write -z 0 128k' 'write -P 2 128k 1k'
            cp k marked; qemu-img bitmap --add marked b0; w marked 'write -P 1 2M 64k'
            qemu-img bitmap --add -g 128k marked b1
            q -f qcow2 -o extended_l2=on sub 4M; w sub 'write -P 5 1M 6k'
            q -f qcow2 tiny 1M; q -f qcow2 -b tiny -F qcow2 larger 4M; w larger 'write -P 5 512k 1M'
            q -f qcow2 full 4M; w full 'write -P 7 0 4M'
            # It measures its own speed, which fails where the machine is busy.
            for i in $(seq 1 20); do
                q -f luks --object secret,id=s,data=x -o key-secret=s,iter-time=100 luks 1M && break
            done
            """;

    private final List<String> cases = new ArrayList<>();

    private SideBySideEdits() {
    }

    static List<String> all() {
        SideBySideEdits result = new SideBySideEdits();
        result.sizes();
        result.snapshots();
        result.backing();
        result.commits();
        result.amendments();
        result.bitmaps();
        result.copies();
        result.benches();
        result.compares();
        result.encrypted();
        return result.cases;
    }

    private void add(String line) {
        cases.add(line);
    }

    /** A command line that changes a copy of an image. */
    private void edit(String image, String line) {
        String copy = "e" + cases.size();
        add(image + ">" + copy + "; " + line.replace("IMAGE", "@" + copy) + " =< " + copy);
    }

    private void sizes() {
        for (String image : List.of("k", "snap", "v2", "small", "big", "over", "empty", "raw", "odd", "packed", "vdi",
                "vmdk", "vpc", "vhdx", "lost", "marked", "sub", "full", "nothing", "larger")) {
            for (String size : List.of("IMAGE 20M", "--shrink IMAGE 2M", "IMAGE +1M", "--shrink IMAGE -- -512k")) {
                edit(image, "resize " + size);
            }
        }
        for (String words : List.of("IMAGE 1M", "IMAGE -1M", "IMAGE 0", "--shrink IMAGE 0", "IMAGE x", "IMAGE 1000",
                "IMAGE +0", "IMAGE 16M", "IMAGE 1.5G", "IMAGE 8E", "IMAGE -100M", "--shrink IMAGE -- -100M", "IMAGE",
                "20M", "", "-f raw IMAGE 20M", "-f qcow2 IMAGE 20M", "-f foo IMAGE 20M", "-q IMAGE 20M",
                "--image-opts driver=qcow2,file.filename=IMAGE 20M", "--preallocation=off IMAGE 20M",
                "--preallocation=metadata IMAGE 20M", "--preallocation=falloc IMAGE 20M",
                "--preallocation=full IMAGE 20M", "--preallocation=x IMAGE 20M",
                "--preallocation=full --shrink IMAGE 2M", "--preallocation=full IMAGE 16M", "IMAGE 1k 2k",
                "-U IMAGE 20M", "--foo IMAGE 20M")) {
            edit("k", "resize " + words);
        }
        for (String mode : List.of("metadata", "falloc", "full")) {
            for (String image : List.of("raw", "v2", "small", "snap", "over", "vdi", "sub")) {
                edit(image, "resize --preallocation=" + mode + " IMAGE 21M");
            }
        }
    }

    private void snapshots() {
        for (String image : List.of("k", "snap", "v2", "small", "over", "raw", "packed", "vdi", "zsnap", "marked",
                "sub", "lost", "empty")) {
            for (String words : List.of("-c new IMAGE", "-a a IMAGE", "-d a IMAGE", "-l IMAGE")) {
                edit(image, "snapshot " + words);
            }
        }
        for (String words : List.of("-a 2 IMAGE", "-d 2 IMAGE", "-d 3 IMAGE", "-d 1b IMAGE", "-a 1b IMAGE",
                "-a 9 IMAGE", "-d '' IMAGE", "-c a IMAGE", "-c 'two words' IMAGE", "-c '' IMAGE", "-q -c x IMAGE",
                "-l -c x IMAGE", "-c x -d a IMAGE", "IMAGE", "-U -l IMAGE", "-f raw -c x IMAGE", "-c IMAGE",
                "-l IMAGE IMAGE", "-l @none", "--image-opts -c x driver=qcow2,file.filename=IMAGE")) {
            edit("snap", "snapshot " + words);
        }
        add("snap>two; ! snapshot -d a two; ! snapshot -a 2 two; snapshot -d 1b @two =< two");
        add("k>grown; ! snapshot -c a grown; ! resize grown 20M; snapshot -a a @grown =< grown");
    }

    private void backing() {
        for (String image : List.of("over", "over2", "onraw", "zover", "larger", "lost")) {
            for (String words : List.of("-b ''", "-u -b ''", "-b k -F qcow2", "-b @raw -F raw", "-u -b gone -F raw",
                    "-b gone -F raw", "-b raw", "-p -b ''")) {
                edit(image, "rebase " + words + " IMAGE");
            }
        }
        for (String words : List.of("-b k -F qcow2 IMAGE", "-u -b k -F qcow2 IMAGE", "IMAGE", "-u IMAGE",
                "-b k -F foo IMAGE", "-f raw -b k -F qcow2 IMAGE", "-f qcow2 -b '' IMAGE", "-b '' @none",
                "-q -b '' IMAGE",
                "-t none -b '' IMAGE", "-t foo -b '' IMAGE", "-T foo -b '' IMAGE", "-b 0.img -F qcow2 IMAGE")) {
            edit("k", "rebase " + words);
        }
        for (String image : List.of("raw", "vdi", "vmdk")) {
            edit(image, "rebase -u -b k -F qcow2 IMAGE");
        }
    }

    private void commits() {
        for (String pair : List.of("over k", "onraw raw", "zover k", "larger tiny", "over2 over")) {
            String base = pair.split(" ")[1];
            for (String words : List.of("", "-q", "-d", "-t none")) {
                String top = "c" + cases.size();
                String under = top + "b";
                add(base + ">" + under + "; " + pair.split(" ")[0] + ">" + top + "; ! rebase -u -b " + under + " -F "
                        + (base.equals("raw") ? "raw " : "qcow2 ") + top + "; commit " + words + " @" + top + " =< "
                        + (words.isEmpty() ? under : top));
            }
        }
        for (String words : List.of("IMAGE", "-b gone IMAGE", "-f raw IMAGE", "-f foo IMAGE", "-t foo IMAGE", "",
                "-r x IMAGE",
                "-b k IMAGE")) {
            edit("k", "commit " + words);
        }
        edit("lost", "commit IMAGE");
        edit("raw", "commit IMAGE");
        edit("vdi", "commit IMAGE");
    }

    private void amendments() {
        for (String image : List.of("k", "snap", "v2", "big", "over", "zeros", "zsnap", "zover", "marked", "sub",
                "packed", "raw", "vdi", "lost")) {
            for (String options : List.of("compat=v2", "compat=1.1", "lazy_refcounts=on", "refcount_bits=8")) {
                // qemu-img goes through all that a table of large clusters could count, which takes a minute.
                if (!image.equals("big") || !options.startsWith("refcount_bits")) {
                    edit(image, "amend -p -o " + options + " IMAGE");
                }
            }
        }
        for (String options : List.of("size=20M", "size=8M", "size=0", "size=1000", "size=x", "size=8E", "compat=1.2",
                "compat=", "compat=v2,lazy_refcounts=on", "compat=v2,refcount_bits=8", "compat=v2,compat=v3",
                "refcount_bits=1", "refcount_bits=64", "refcount_bits=7", "refcount_bits=0", "refcount_bits=x",
                "backing_file=k", "backing_fmt=raw", "backing_file=,backing_fmt=", "data_file=x", "data_file_raw=on",
                "data_file_raw=off", "cluster_size=64k", "preallocation=off", "extended_l2=off", "encryption=off",
                "compression_type=zlib", "encrypt.format=luks", "encrypt.state=active", "encrypt.keyslot=1", "nocow=on",
                "foo=1", "foo", "lazy_refcounts", "nolazy_refcounts", "lazy_refcounts=maybe", "''", ",", "help", "?",
                "size=20M,help", "size=20M,lazy_refcounts=on,refcount_bits=32")) {
            edit("k", "amend -o " + options + " IMAGE");
        }
        for (String words : List.of("IMAGE", "-o size=20M", "-f raw -o size=20M IMAGE", "-f foo -o size=20M IMAGE",
                "-f qcow2 -o help", "-f raw -o help", "-o help", "-t foo -o size=20M IMAGE",
                "-t none -o size=20M IMAGE", "-q -p -o size=20M IMAGE", "--force -o size=20M IMAGE",
                "--image-opts -o size=20M driver=qcow2,file.filename=IMAGE", "-o size=20M @none",
                "-o size=20M -o lazy_refcounts=on IMAGE")) {
            edit("k", "amend " + words);
        }
        edit("over", "amend -o backing_file=k,backing_fmt=qcow2 IMAGE");
        edit("over", "amend -o backing_file=k IMAGE");
        edit("snap", "amend -p -o refcount_bits=1 IMAGE");
        edit("sub", "amend -p -o refcount_bits=64 IMAGE");
        edit("small", "amend -p -o compat=v2 IMAGE");
        edit("v2", "amend -p -o compat=v3,refcount_bits=2 IMAGE");
        edit("k", "poke IMAGE 72 0000000000000001; amend -o lazy_refcounts=on IMAGE".replace("poke IMAGE", "poke e"
                + cases.size()));
    }

    private void bitmaps() {
        for (String words : List.of("--add IMAGE b2", "--add -g 64k IMAGE b2", "--add -g 100 IMAGE b2",
                "--add -g 4G IMAGE b2", "--add IMAGE b0", "--remove IMAGE b0", "--remove IMAGE b9", "--clear IMAGE b0",
                "--disable IMAGE b0", "--enable IMAGE b0", "--merge b1 IMAGE b0", "--merge b9 IMAGE b0",
                "--add --disable IMAGE b2", "--add --merge b0 IMAGE b2", "--remove --add IMAGE b0",
                "--disable --enable IMAGE b0", "IMAGE b0", "--add IMAGE", "--add -f raw IMAGE b2",
                "--clear --disable --merge b1 IMAGE b0", "-b @marked -F qcow2 --merge b0 IMAGE b1",
                "--image-opts --add driver=qcow2,file.filename=IMAGE b2", "--foo IMAGE b0", "--add IMAGE ''")) {
            edit("marked", "bitmap " + words);
        }
        for (String image : List.of("v2", "raw", "vdi", "k", "snap", "empty", "lost", "over")) {
            edit(image, "bitmap --add IMAGE new");
        }
    }

    private void copies() {
        for (String words : List.of("bs=1M count=1", "bs=1k skip=1", "bs=64k count=3 skip=2", "count=0", "skip=100000",
                "bs=1000 count=3", "bs=0", "bs=x", "count=x", "bs=1M count=1 skip=1 foo=1", "-O qcow2 bs=1M",
                "-O qcow2 bs=4k count=5", "-f raw bs=512 count=2", "-f qcow2 -O raw", "-O foo", "-f foo", "-U bs=1M",
                "-O vdi", "bs=2G", "conv=notrunc")) {
            String file = "q" + cases.size();
            add("dd " + words + " if=@k of=@" + file + " => " + file);
        }
        add("dd if=@k");
        add("dd of=@k9");
        add("dd if=@none of=@k9");
        add("dd if=@over of=@fromover bs=1M => fromover");
        add("dd --image-opts if=driver=qcow2,file.filename=@k of=@fromopts => fromopts");
        add("dd if=@odd of=@fromodd bs=4096 => fromodd");
    }

    private void benches() {
        for (String words : List.of("-c 10 IMAGE", "-q -c 10 IMAGE", "-c 10 -w IMAGE", "-c 10 -d 2 -s 8k IMAGE",
                "-c 10 -o 1M IMAGE", "-c 10 -S 16k -w --pattern=7 IMAGE", "-c 10 -w --flush-interval=5 IMAGE",
                "-c 10 -w --flush-interval=5 --no-drain -d 4 IMAGE", "-c 10 --flush-interval=5 IMAGE", "-c x IMAGE",
                "-t foo IMAGE", "-c 10 -t none IMAGE", "-c 10 -n IMAGE", "-f raw -c 10 IMAGE",
                "-f foo IMAGE", "@none", "-c 10 -i threads IMAGE", "-i foo IMAGE", "-w -c 10 --pattern=300 IMAGE",
                "-c 10 --no-drain IMAGE", "-c 10 -U IMAGE", "-c 10 -w --flush-interval=1 -d 8 --no-drain IMAGE")) {
            edit("k", "bench " + words);
        }
    }

    private void compares() {
        for (String words : List.of("@zeros @k", "@zeros @zover", "-s @zeros @zeros", "@larger @tiny",
                "-s @larger @tiny", "-p @k @k", "-p @k @raw", "-p -q @k @k", "-U @k @k", "-T none @k @k",
                "-T foo @k @k",
                "-f foo @k @k", "-F qcow2 -f raw @k @k", "@full @full", "@lost @k", "@k @lost", "@sub @k", "@k @k @k",
                "--image-opts driver=qcow2,file.filename=@k driver=qcow2,file.filename=@k", "@nothing @empty",
                "@short @nothing")) {
            add("compare " + words);
        }
    }

    private void encrypted() {
        for (String words : List.of("check @luks", "check -f luks @luks", "resize @luks 2M", "commit @luks",
                "snapshot -l @luks", "snapshot -c a @luks", "amend -o keyslot=1 @luks", "bitmap --add @luks a",
                "rebase -u -b '' @luks", "bench -c 1 @luks", "check --object secret,id=s,data=x --image-opts "
                        + "driver=luks,file.filename=@luks,key-secret=s")) {
            add(words);
        }
    }
}
